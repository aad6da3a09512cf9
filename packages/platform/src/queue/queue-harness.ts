import { spawn } from "node:child_process";
import { once } from "node:events";
import { createDb, type Db, statement } from "@echo/db";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { createQueue } from "./create-queue.ts";
import type { KafkaOptions } from "./kafka/kafka-options.ts";
import { withTopics } from "./kafka/topics.ts";
import type { Queue } from "./queue.ts";
import type { QueueHarness } from "./queue-conformance-kit.ts";
import { effectsTable } from "./test-effects.ts";
import { openTestLog, type TestLog } from "./test-log.ts";

const logger = createLogger({ service: "test", destination: { write: () => undefined } });

const from = (specifier: string) => JSON.stringify(import.meta.resolve(specifier));
const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

export interface HarnessOptions {
  url: string;
  /** Null: the log is the queue. */
  kafka: KafkaOptions | null;
}

/** A queue of a process of its own: with its own connections. */
export async function openTestQueue({ url, kafka }: HarnessOptions): Promise<{ queue: Queue; db: Db; log: TestLog }> {
  const db = createDb({ url });
  const log = await openTestLog(db);
  return { db, log, queue: createQueue({ db, logger, clock: systemClock, log: log.reader, kafka }) };
}

/** With the relay at work where there is one. */
export async function openQueueHarness(
  options: HarnessOptions,
  patienceMs: number,
): Promise<QueueHarness & AsyncDisposable> {
  const { kafka } = options;
  const first = await openTestQueue(options);
  const opened = [first];
  await first.db.query(statement("", effectsTable));
  const names = first.log.reader.topics;
  if (kafka) await withTopics({ kafka, names, logger }, (topics) => topics.create());
  const relay = first.queue.relay();
  return {
    db: first.db,
    log: first.log,
    patienceMs,
    async open() {
      const own = await openTestQueue(options);
      opened.push(own);
      return own.queue;
    },
    runVictim: (group) => runVictim(options, group),
    async [Symbol.asyncDispose]() {
      await relay.stop();
      await Promise.all(opened.map(({ queue }) => queue.close()));
      await Promise.all(opened.map(({ db }) => db.close()));
    },
  };
}

async function runVictim(options: HarnessOptions, group: string): Promise<void> {
  const program = `
    import { openTestQueue } from ${here("./queue-harness.ts")};
    import { recordEffects } from ${here("./test-effects.ts")};
    const { queue } = await openTestQueue(${JSON.stringify(options)});
    const record = recordEffects(${JSON.stringify(group)});
    queue.consume({
      group: ${JSON.stringify(group)},
      topics: ["messages"],
      async handle(tx, records) {
        await record(tx, records);
        process.kill(process.pid, "SIGKILL");
      },
    });`;
  const args = ["--import", from("tsx").slice(1, -1), "--input-type=module", "-e", program];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
}
