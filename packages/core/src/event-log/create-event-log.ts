import { randomBytes } from "node:crypto";
import type { Db } from "@echo/db";
import type { Bus, Clock, Logger, Subscription } from "@echo/platform";
import { Appender } from "./appender.ts";
import type { EventLog, LogHead } from "./event-log.ts";
import { careForPartitions } from "./partitions.ts";
import { periodically, type Repeated } from "./periodically.ts";
import { listEvents } from "./repository/events.ts";
import { getState, recogniseDatabase } from "./repository/head.ts";
import { LogAdvanced, logChannel } from "./wake-up.ts";

const sweepMs = 1_000;
const careMs = 60_000;
const epochBytes = 4;

export interface EventLogOptions {
  db: Db;
  bus: Bus;
  logger: Logger;
  clock: Clock;
  /** Full days that events are kept. */
  logDays: number;
  /** Positions per partition; default a million. */
  partitionSize?: number;
}

/** The log as one process has it: appends, hears what others appended, and looks for itself each second. */
export function createEventLog(options: EventLogOptions): EventLog {
  return new ProcessEventLog(options);
}

class ProcessEventLog implements EventLog {
  readonly #options: EventLogOptions;
  readonly #appender: Appender;
  readonly #listeners = new Set<(head: LogHead) => void>();
  #head: LogHead | null = null;
  #repeated: Repeated[] = [];
  #subscription: Subscription | null = null;
  #forgetReconnect: () => void = () => undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#appender = new Appender(options, (position) => this.#appended(position));
  }

  get epoch(): string {
    return this.#head?.epoch ?? "";
  }

  appendSoon(): void {
    this.#appender.soon();
  }

  appendNow(): Promise<void> {
    return this.#appender.now();
  }

  async head(): Promise<LogHead> {
    const { epoch, position, floor } = await getState(this.#options.db);
    return { epoch, position, floor };
  }

  read(range: { from: number; to: number; limit: number }) {
    return listEvents(this.#options.db, range);
  }

  onAdvance(listener: (head: LogHead) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    const { bus, logger, db, clock, logDays, partitionSize = 1_000_000 } = this.#options;
    await this.#look();
    this.#subscription = await bus.subscribe(logChannel, (payload) => this.#hear(payload));
    this.#forgetReconnect = bus.onReconnect(() => this.#lookSoon());
    const care = () => careForPartitions({ db, clock, logDays, size: partitionSize }, () => this.head());
    await care();
    this.#repeated = [
      periodically({ name: "the look at the event log", everyMs: sweepMs, logger }, () => this.#look()),
      periodically({ name: "the care for the log's partitions", everyMs: careMs, logger }, care),
    ];
  }

  async stop(): Promise<void> {
    this.#forgetReconnect();
    await this.#subscription?.unsubscribe().catch(() => undefined);
    await Promise.all(this.#repeated.map((each) => each.stop()));
    await this.#appender.idle();
    this.#listeners.clear();
  }

  /** Serves processes that died between commit and append, and whoever missed a wake-up; sees another database. */
  async #look(): Promise<void> {
    const { db } = this.#options;
    let state = await getState(db);
    if (!state.isKnown) {
      await recogniseDatabase(db, randomBytes(epochBytes).toString("hex"));
      state = await getState(db);
    }
    this.#advance(state);
    if (state.hasWaiting) await this.#appender.now();
  }

  #lookSoon(): void {
    this.#look().catch((error: unknown) => this.#options.logger.warn("the look at the event log failed", { error }));
  }

  /** Tells this process at once and the others by the bus; a wake-up that is lost is made good by their own look. */
  #appended(position: number): void {
    const { bus, logger } = this.#options;
    if (!this.#head) return;
    const { epoch, floor } = this.#head;
    this.#advance({ epoch, position, floor });
    const wakeUp: LogAdvanced = { v: 1, epoch, position };
    bus.publish(logChannel, wakeUp).catch((error: unknown) => logger.debug("a wake-up was not sent", { error }));
  }

  #hear(payload: unknown): void {
    const wakeUp = LogAdvanced.safeParse(payload);
    if (!wakeUp.success || !this.#head) return;
    const { epoch, position } = wakeUp.data;
    // An epoch is believed from the database alone: a late message of the old one must not turn it back.
    if (epoch === this.#head.epoch) this.#advance({ ...this.#head, position });
    else this.#lookSoon();
  }

  #advance({ epoch, position, floor }: LogHead): void {
    const known = this.#head;
    const isSameLog = known?.epoch === epoch;
    if (isSameLog && position <= known.position) {
      this.#head = { ...known, floor: Math.max(known.floor, floor) };
      return;
    }
    this.#head = { epoch, position, floor };
    for (const listener of this.#listeners) listener(this.#head);
  }
}
