import { createManualClock } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createTestCore } from "../test-core.ts";
import { heardHubNodes, watchHubNodes } from "./hub-nodes.ts";

const channel = "hub-nodes";
const signal = { v: 1, name: "host:8083", sockets: 2, users: 1, isLeaving: false };

test("a node that was not heard of for 15 s is shown no more, one that says goodbye at once", async () => {
  await using database = await createTestDatabase();
  await using test = await createTestCore(database.url);
  const clock = createManualClock();
  const core = { ...test.core, clock };
  const stop = await watchHubNodes(core);
  const names = () => heardHubNodes(core).map(({ name }) => name);

  await core.bus.publish(channel, signal);
  await core.bus.publish(channel, { ...signal, name: "host:10000" });
  await expect.poll(names).toEqual(["host:8083", "host:10000"]);
  await core.bus.publish(channel, { ...signal, name: "host:10000", isLeaving: true });
  await expect.poll(names).toEqual(["host:8083"]);
  clock.advance(15_000);
  expect(names()).toEqual(["host:8083"]);
  clock.advance(1);
  expect(names()).toEqual([]);
  await stop();
});

test("what is no word of a node is dropped, and a process that does not watch knows none", async () => {
  await using database = await createTestDatabase();
  await using test = await createTestCore(database.url);
  const stop = await watchHubNodes(test.core);

  for (const payload of [null, 1, {}, { ...signal, v: 2 }, { ...signal, sockets: -1 }]) {
    await test.core.bus.publish(channel, payload);
  }
  await test.core.bus.publish(channel, { ...signal, name: "last" });

  await expect.poll(() => heardHubNodes(test.core).map(({ name }) => name)).toEqual(["last"]);
  await stop();
  expect(heardHubNodes(test.core)).toEqual([]);
});
