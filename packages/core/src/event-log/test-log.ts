import { randomUUID } from "node:crypto";
import type { Db, Tx } from "@echo/db";
import { type Bus, createDrivers, createLogger, systemClock } from "@echo/platform";
import { createEventLog, type EventLogOptions } from "./create-event-log.ts";
import type { EventLog, LoggedEvent } from "./event-log.ts";
import { emitOnUserStreams } from "./insert-events.ts";

/** The log as another process has it: with a bus of its own, over the same database. */
export interface TestLog extends AsyncDisposable {
  log: EventLog;
  bus: Bus;
}

type TestLogOptions = Partial<Pick<EventLogOptions, "logDays" | "batchEvents" | "partitionSize" | "careEveryMs">> & {
  /** Changes what the log is given, to plant a fault. */
  wrapBus?: (bus: Bus) => Bus;
};

export async function openLog(db: Db, { wrapBus, ...options }: TestLogOptions = {}): Promise<TestLog> {
  const logger = createLogger({ service: "test", level: "fatal" });
  const drivers = await createDrivers({ db, logger, clock: systemClock, redis: null });
  const bus = wrapBus?.(drivers.bus) ?? drivers.bus;
  const log = createEventLog({ db, bus, logger, logDays: 7, ...options });
  await log.start();
  return {
    log,
    bus,
    async [Symbol.asyncDispose]() {
      await log.stop();
      await drivers.close();
    },
  };
}

/** A bus that swallows whatever is said on it. */
export const muted = (bus: Bus): Bus => ({ ...bus, publish: () => Promise.resolve() });

const insertStreams = {
  name: "test_insert_streams",
  text: `WITH people AS (
    INSERT INTO auth.users (id, email, email_normalized) SELECT id, id || '@example.org', id || '@example.org' FROM unnest($1::uuid[]) AS id RETURNING id
  ) INSERT INTO messages.user_streams (user_id) SELECT id FROM people`,
};

/** Streams that events can be written on. */
export async function makeStreams(db: Db, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await db.query(insertStreams, [ids]);
  return ids;
}

/** Writes an event on a stream, as a verb does: locks, advances, inserts. */
export const write = (tx: Tx, streamId: string, data: Record<string, unknown> = {}): Promise<void> =>
  emitOnUserStreams(tx, [{ userId: streamId, event: { type: "test", actorId: null, refId: null, data } }]);

/** Writes and commits, and leaves the append to others. */
export const commit = (db: Db, streamId: string, data?: Record<string, unknown>): Promise<void> =>
  db.transaction((tx) => write(tx, streamId, data));

export const readAll = async (log: EventLog): Promise<LoggedEvent[]> =>
  log.read({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000_000 });

/** 1, 2, 3 ... up to `last`. */
export const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

/** A promise and what settles it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve(value: T): void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle(value) };
}
