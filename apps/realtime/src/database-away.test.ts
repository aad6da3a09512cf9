import { databaseConfigOf, startEcho } from "@echo/testing";
import { startOwnPostgres } from "@echo/testing/database";
import { expect, test, vi } from "vitest";

/** Every sweep has failed by then, and whoever reconnects has tried in vain. */
const awayMs = 20_000;
/** Fewer than the SDK's outbox holds. */
const maxSent = 300;

const text = (n: number) => ({ type: "text" as const, content: { text: `message ${n}` } });

test("PostgreSQL goes away and comes back under load: calls say so within 2 s, sockets stay, and what waited arrives once", {
  timeout: 120_000,
}, async () => {
  await using server = await startOwnPostgres();
  await using echo = await startEcho({
    nodes: 2,
    databaseUrl: server.url,
    config: { core: { database: databaseConfigOf(server.url) } },
  });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const [ada, bob] = [echo.sdk("ada"), echo.sdk("bob")];
  const received: string[] = [];
  bob.on("message.created", ({ data }) => received.push(`${data.clientMessageId}`));
  await Promise.all([ada.connect(), bob.connect()]);
  const states: string[] = [];
  for (const sdk of [ada, bob]) sdk.onConnection(({ state }) => states.push(state));
  const sent: Promise<unknown>[] = [];
  const send = () => sent.push(ada.send({ conversationId, clientMessageId: `m${sent.length}`, ...text(sent.length) }));
  for (let n = 0; n < 5; n += 1) send();
  await vi.waitFor(() => expect(received).toHaveLength(5));

  await server.stop();
  const api = echo.as("ada");
  const calls = {
    list: () => api.messages.list.query({ conversationId }),
    conversations: () => api.conversations.list.query({}),
    upsert: () => api.users.profile.upsert.mutate({ bio: "away" }),
    create: () => api.conversations.create.mutate({ type: "group" }),
    send: () => api.messages.send.mutate({ conversationId, clientMessageId: "away", ...text(0) }),
    login: () => echo.anonymous().auth.login.mutate({ email: "nobody@example.org", password: "not the password" }),
  };
  const stoppedMs = performance.now();
  while (performance.now() - stoppedMs < awayMs) {
    if (sent.length < maxSent) send();
    await Promise.all(Object.values(calls).map((call) => Promise.all([call, call, call].map(expectRefusal))));
  }
  const socketsThen = [...states];
  await server.start();

  await Promise.all(sent);
  send();
  await Promise.all(sent);
  const wanted = sent.map((_, n) => `m${n}`);
  await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(wanted.length), 10_000);
  expect(received).toEqual(wanted);
  expect(socketsThen).toEqual([]);
  expect(states).toEqual([]);
  await vi.waitFor(async () => expect((await fetch(`${echo.apiUrl}/ready`)).status).toBe(200), 10_000);
});

async function expectRefusal(call: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await expect(call()).rejects.toMatchObject({ data: { code: "UNAVAILABLE" } });
  expect(performance.now() - startedMs).toBeLessThan(2_000);
}
