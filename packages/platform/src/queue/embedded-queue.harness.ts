import { spawn } from "node:child_process";
import { once } from "node:events";
import { createDb, type Db, statement } from "@echo/db";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { createEmbeddedQueue } from "./embedded-queue.ts";
import type { Queue } from "./queue.ts";
import type { QueueHarness } from "./queue-conformance-kit.ts";
import { effectsTable } from "./test-effects.ts";
import { openTestLog } from "./test-log.ts";

const logger = createLogger({ service: "test", destination: { write: () => undefined } });

const from = (specifier: string) => JSON.stringify(import.meta.resolve(specifier));
const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A queue of a process of its own: with its own connections to this database. */
export async function openTestQueue(url: string): Promise<{ queue: Queue; db: Db }> {
  const db = createDb({ url });
  const { reader } = await openTestLog(db);
  return { db, queue: createEmbeddedQueue({ db, logger, clock: systemClock, log: reader }) };
}

export async function openQueueHarness(url: string, patienceMs: number): Promise<QueueHarness & AsyncDisposable> {
  const db = createDb({ url });
  const opened = [db];
  await db.query(statement("", effectsTable));
  return {
    db,
    log: await openTestLog(db),
    patienceMs,
    async open() {
      const { queue, db: own } = await openTestQueue(url);
      opened.push(own);
      return queue;
    },
    runVictim: (group) => runVictim(url, group),
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}

async function runVictim(url: string, group: string): Promise<void> {
  const program = `
    import { openTestQueue } from ${here("./embedded-queue.harness.ts")};
    import { recordEffects } from ${here("./test-effects.ts")};
    const { queue } = await openTestQueue(${JSON.stringify(url)});
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
