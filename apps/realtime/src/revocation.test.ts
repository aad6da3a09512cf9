import { mintSession } from "@echo/core/auth";
import type { Bus } from "@echo/platform";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectAs, startTestNode, subscribed } from "./test-kit.ts";

/** A bus that loses everything, and is known to: nothing of it is heard. */
function deaf(bus: Bus): Bus {
  return {
    driver: bus.driver,
    maxPayloadBytes: bus.maxPayloadBytes,
    publish: (channel, payload) => bus.publish(channel, payload),
    subscribe: async () => ({ unsubscribe: async () => undefined }),
    onReconnect: () => () => undefined,
    heartbeatAgeMs: () => Number.POSITIVE_INFINITY,
    ping: () => bus.ping(),
    close: () => bus.close(),
  };
}

test("signing out closes this session's sockets within 5 s, and those of other sessions live", async () => {
  await using echo = await startEcho();
  const phone = await connectAs(echo, "ada");
  const { userId } = await echo.user("ada");
  const laptop = await RawClient.connect(echo.nodes[0]?.realtime.url ?? "", {
    token: (await mintSession(echo.core, userId)).accessToken,
  });
  await Promise.all([subscribed(phone, 1), subscribed(laptop, 1)]);

  const revokedAt = performance.now();
  await echo.as("ada").auth.logout.mutate({});
  expect(await phone.closed).toMatchObject({ code: 4403 });

  expect(performance.now() - revokedAt).toBeLessThan(5_000);
  const { session } = await echo.user("ada");
  for (const device of [phone, laptop]) {
    await device.until(() => device.eventsOf(1).length === 2);
    expect(device.eventsOf(1)[1]?.event).toMatchObject({ type: "session.revoked", data: { sessionId: session.id } });
  }
  laptop.query(2, "ping");
  expect((await laptop.answer(2)).error).toBeUndefined();
  laptop.ws.terminate();
});

test("a revocation that the bus lost is found by the sweep", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  const node = await startTestNode({ ...echo.core, bus: deaf(echo.core.bus) }, { timings: { sessionSweepMs: 300 } });
  using client = await RawClient.connect(node.url, { token: accessToken });
  using other = await RawClient.connect(node.url, { token: (await echo.user("bob")).accessToken });
  await Promise.all([subscribed(client, 1), subscribed(other, 1)]);

  await echo.as("ada").auth.logout.mutate({});

  expect(await client.closed).toMatchObject({ code: 4403 });
  other.query(2, "ping");
  expect((await other.answer(2)).error).toBeUndefined();
  await node.close();
});

test("the next call of a revoked session is refused, whatever the bus lost", async () => {
  await using echo = await startEcho();
  const { accessToken } = await echo.user("ada");
  const node = await startTestNode({ ...echo.core, bus: deaf(echo.core.bus) });
  using client = await RawClient.connect(node.url, { token: accessToken });
  client.query(1, "ping");
  await client.answer(1);

  await echo.as("ada").auth.logout.mutate({});
  client.query(2, "ping");

  expect(await client.answer(2)).toMatchObject({ error: { data: { code: "UNAUTHORIZED" } } });
  expect(await client.closed).toMatchObject({ code: 4403 });
  await node.close();
});
