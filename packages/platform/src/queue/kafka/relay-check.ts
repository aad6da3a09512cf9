import type { Admin, Kafka } from "kafkajs";
import { withTimeout } from "../../time/with-timeout.ts";
import type { KafkaQueueOptions } from "./kafka-queue-options.ts";
import { readRelayed } from "./relay-state.ts";

/** A relay that is further behind is told of. */
const maxBehindMs = 10_000;

/** Less than a look at `/ready` may take. */
const answerMs = 1_500;

/** Whether Kafka answers and the relay keeps up. */
export function createRelayCheck(
  client: Kafka,
  { db, log, clock }: Pick<KafkaQueueOptions, "db" | "log" | "clock">,
): { ping(): Promise<void>; close(): Promise<void> } {
  let connected: Promise<Admin> | null = null;
  const forget = (admin: Promise<Admin>) => {
    if (connected === admin) connected = null;
    admin.then((opened) => opened.disconnect()).catch(() => undefined);
  };
  const ask = async () => {
    connected ??= connect(client);
    const asked = connected;
    try {
      await (await asked).describeCluster();
    } catch (error) {
      forget(asked);
      throw error;
    }
  };
  return {
    async ping() {
      const lag = await readLag();
      const isBehind = lag.ms > maxBehindMs;
      const sentence = `the relay is ${lag.events} events (${Math.round(lag.ms / 1_000)} s) behind`;
      await withTimeout(ask(), answerMs, `not within ${answerMs / 1_000} s`).catch((error: Error) => {
        throw new Error(`Kafka does not answer (${error.message}); ${sentence}`, { cause: error });
      });
      if (isBehind) throw new Error(`Kafka answers, and ${sentence}`);
    },
    /** Not waited for: a broker that is away keeps nobody from stopping. */
    async close() {
      if (connected !== null) forget(connected);
    },
  };

  async function readLag(): Promise<{ events: number; ms: number }> {
    const { position } = await readRelayed(db);
    const head = await log.head(db);
    const [oldest] = await log.readAll(db, { from: position, limit: 1 });
    if (!oldest) return { events: 0, ms: 0 };
    return { events: head.position - position, ms: clock.now().getTime() - oldest.loggedAt.getTime() };
  }
}

async function connect(client: Kafka): Promise<Admin> {
  const admin = client.admin();
  try {
    await admin.connect();
    return admin;
  } catch (error) {
    await admin.disconnect().catch(() => undefined);
    throw error;
  }
}
