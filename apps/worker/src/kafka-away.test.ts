import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { openQueueOperations } from "@echo/core";
import { statement } from "@echo/db";
import { type Echo, startEcho, startTestProcess } from "@echo/testing";
import { describeWithKafkaProgram, startTestKafka, type TestKafka } from "@echo/testing/kafka";
import { expect, test, vi } from "vitest";

const timeout = 150_000;
const patience = { timeout: 90_000, interval: 100 };
/** At 28 events a second. */
const tenMinutesOfEvents = 17_000;
const hourOfEvents = 100_000;
/** A worker that caught up with an hour keeps so many times what it held after ten minutes; a collection may be due first. */
const maxGrowth = 1.3;

const fillWaiting = statement<never>(
  "test_fill_waiting",
  `INSERT INTO messages.event_new (stream_id, event_seq, type, data)
   SELECT gen_random_uuid(), 1, 'user.updated', NULL FROM generate_series(1, $1)`,
);
const relayed = statement<{ behind: number }>(
  "test_relayed",
  `SELECT head.position - relay.position AS behind FROM messages.log_head AS head CROSS JOIN messages.relay_state AS relay`,
);

const echoctl = (args: readonly string[], env: Record<string, string>) => {
  const main = new URL("../../../node_modules/.bin/echoctl", import.meta.url).pathname;
  return promisify(execFile)(main, [...args], { env: { ...process.env, ...env } });
};

async function readyOf(address: string): Promise<{ status: string; checks: { queue: { error?: string } } }> {
  const response = await fetch(`http://${address}/ready`);
  return (await response.json()) as Awaited<ReturnType<typeof readyOf>>;
}

async function kibOf(pid: number): Promise<number> {
  return Number((await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)])).stdout);
}

const behind = async ({ core }: Echo) => (await core.db.query(relayed))[0]?.behind;

/** Kafka is gone, and meanwhile so many events come. */
async function missOut(kafka: TestKafka, echo: Echo, events: number): Promise<void> {
  kafka.signal("SIGKILL");
  await echo.core.db.query(fillWaiting, [events]);
  await echo.core.events.appendNow();
}

async function catchUp(kafka: TestKafka, echo: Echo): Promise<void> {
  await kafka.start();
  await vi.waitFor(async () => expect(await behind(echo)).toBe(0), patience);
}

describeWithKafkaProgram("a Kafka that is away for an hour of traffic", () => {
  test("nobody who talks notices, the worker says so, and all of it comes when Kafka is back", {
    timeout,
  }, async () => {
    await using kafka = await startTestKafka();
    await using echo = await startEcho();
    const env = { KAFKA_BROKERS: kafka.brokers };
    await echoctl(["topics"], env);
    const worker = await startTestProcess("worker", echo.databaseUrl, { env });
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const bob = echo.sdk("bob");
    const heard: (string | null)[] = [];
    bob.on("message.created", ({ data }) => heard.push(data.clientMessageId));
    await bob.connect();
    await missOut(kafka, echo, tenMinutesOfEvents);
    await catchUp(kafka, echo);
    const before = await kibOf(worker.pid);

    await missOut(kafka, echo, hourOfEvents);
    const say = (clientMessageId: string) =>
      echo
        .as("ada")
        .messages.send.mutate({ conversationId, clientMessageId, type: "text", content: { text: "still here" } });
    for (const id of ["one", "two", "three"]) await say(id);
    await vi.waitFor(() => expect(heard).toEqual(["one", "two", "three"]), patience);
    await vi.waitFor(
      async () =>
        expect(await readyOf(worker.address)).toMatchObject({
          status: "degraded",
          checks: {
            queue: { error: expect.stringMatching(/^Kafka does not answer .* is 1000\d\d events \(\d+ s\) behind$/) },
          },
        }),
      patience,
    );

    await catchUp(kafka, echo);
    await vi.waitFor(async () => {
      expect(await readyOf(worker.address)).toMatchObject({ status: "healthy" });
      expect(await openQueueOperations(echo.core).groups()).toMatchObject([{ events: 0, deadLetters: 0 }]);
    }, patience);
    await vi.waitFor(async () => expect((await kibOf(worker.pid)) / before).toBeLessThan(maxGrowth), patience);
    await worker.end("SIGTERM");
  });
});
