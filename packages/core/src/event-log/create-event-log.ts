import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { Db } from "@echo/db";
import {
  type Bus,
  type Logger,
  passKillPoint,
  type Repeated,
  repeat,
  type Subscription,
  singleFlight,
} from "@echo/platform";
import { createAppender } from "./appender.ts";
import type { AdvanceListener, Batch, EventLog, LoggedEvent, LogHead, LogRange } from "./event-log.ts";
import { dropPartitions, makePartitions } from "./partitions.ts";
import { listEvents } from "./repository/events.ts";
import { getState, type LogState, leaveRewound, settleIn } from "./repository/head.ts";
import { batchOf, LogAdvanced, logChannel, wakeUpOf } from "./wake-up.ts";

const sweepMs = 1_000;
const maxSweepPauseMs = 4_000;
/** So long a look keeps to itself what is about to be announced: an announcement tells what it is about, a look does not. */
const announcementMs = 50;
const maxCarePauseMs = 600_000;
/** No log grows by so many events between two looks of a process that lives. */
const maxAhead = 1_000_000;

export interface EventLogOptions {
  db: Db;
  bus: Bus;
  logger: Logger;
  /** Full days that events are kept. */
  logDays: number;
  /** Events that are appended and announced together, at most. Default 1,000. */
  batchEvents?: number;
  /** Positions per partition. Default a million. */
  partitionSize?: number;
  /** How often partitions are made ahead and old ones dropped. Default a minute. */
  careEveryMs?: number;
}

/** The log as one process has it: it appends, hears what others appended, and looks for itself each second. */
export function createEventLog(options: EventLogOptions): EventLog {
  return new ProcessEventLog(options);
}

class ProcessEventLog implements EventLog {
  readonly #options: EventLogOptions;
  readonly #partitionSize: number;
  /** So many positions are ready ahead: half a partition, and more than what one batch takes. */
  readonly #room: number;
  readonly #listeners = new Set<AdvanceListener>();
  readonly #append: () => Promise<void>;
  readonly #look = singleFlight(() => this.#lookNow());
  readonly #sharedState = singleFlight(() => this.#readState());
  readonly #makeRoom = singleFlight(() => this.#makeRoomNow());
  #head: LogHead | null = null;
  /** What the database itself said last; the bus only repeats what others heard of it. */
  #proven: LogHead | null = null;
  /** The first position without a partition, as far as this process knows. */
  #roomEnd = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #repeated: Repeated[] = [];
  #subscription: Subscription | null = null;
  #forgetReconnect: () => void = () => undefined;

  constructor(options: EventLogOptions) {
    this.#options = options;
    const { db, batchEvents = 1_000, partitionSize = 1_000_000 } = options;
    this.#partitionSize = partitionSize;
    this.#room = Math.max(Math.ceil(partitionSize / 2), 2 * batchEvents);
    this.#append = createAppender({
      db,
      batchEvents,
      onAppended: (position, batch) => this.#appended(position, batch),
      makeRoom: this.#makeRoom,
    });
  }

  appendSoon(): void {
    passKillPoint("commit>append");
    if (!this.#isStopped) this.#inBackground(this.#append(), "events wait for their position until the next sweep");
  }

  appendNow(): Promise<void> {
    return this.#append();
  }

  async head(): Promise<LogHead> {
    const { epoch, position, floor } = await this.#sharedState();
    return { epoch, position, floor };
  }

  read(range: LogRange): Promise<LoggedEvent[]> {
    return listEvents(this.#options.db, range);
  }

  onAdvance(listener: AdvanceListener): () => void {
    const entry: AdvanceListener = (head, batch) => listener(head, batch);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  async start(): Promise<void> {
    const { bus, logger, db, logDays, careEveryMs = 60_000 } = this.#options;
    await this.#look();
    await this.#makeRoom();
    this.#subscription = await bus.subscribe(logChannel, (payload) => this.#hear(payload));
    this.#forgetReconnect = bus.onReconnect(() => this.#lookSoon());
    const care = async () => {
      await this.#makeRoom();
      await dropPartitions(db, logDays);
    };
    this.#repeated = [
      repeat({ name: "the sweep of the event log", everyMs: sweepMs, maxPauseMs: maxSweepPauseMs, logger }, this.#look),
      repeat({ name: "care for the log's partitions", everyMs: careEveryMs, maxPauseMs: maxCarePauseMs, logger }, care),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#forgetReconnect();
    await this.#subscription?.unsubscribe();
    await Promise.all(this.#repeated.map((each) => each.stop()));
    // Each joins what runs, so that nothing is in flight afterwards.
    await Promise.allSettled([this.#append(), this.#makeRoom()]);
    this.#listeners.clear();
  }

  /** Serves processes that died between commit and append, and announcements that were lost; sees another database. */
  async #lookNow(): Promise<void> {
    const heard = this.#head;
    const state = await this.#readState();
    // Heard before the read, and not there: it never was. What is there may have been no news beside it, and is told again.
    const isUntrue = heard?.epoch === state.epoch && state.position < heard.position && heard === this.#head;
    if (isUntrue) this.#head = { ...state, position: state.floor };
    const known = this.#head;
    if (known?.epoch === state.epoch && state.position > known.position) await wait(announcementMs);
    this.#prove(state);
    if (state.hasWaiting) await this.#append();
  }

  #lookSoon(): void {
    this.#inBackground(this.#look(), "the look at the event log failed; the next sweep looks again");
  }

  /** The head, in the epoch of this very database. */
  async #readState(): Promise<LogState> {
    const { db, logger } = this.#options;
    // Taken before the read: what it has reached, the read must show.
    const known = this.#proven;
    const state = await getState(db);
    if (!state.isHere) {
      const isNew = await settleIn(db, newEpoch());
      if (isNew) logger.warn("the event log is in another database than before: a new epoch begins");
      return getState(db);
    }
    if (known?.epoch === state.epoch && state.position < known.position) {
      logger.error("the event log went back: a new epoch begins", { from: known.position, to: state.position });
      await leaveRewound(db, newEpoch(), known);
      return getState(db);
    }
    return state;
  }

  /** Tells this process at once and the others by the bus; a wake-up that is lost is made good by their sweep. */
  #appended(position: number, batch: Batch): void {
    passKillPoint("append>wake");
    const { bus } = this.#options;
    if (!this.#head) return;
    const { epoch, floor } = this.#head;
    this.#prove({ epoch, position, floor }, batch);
    const wakeUp = wakeUpOf({ epoch, position }, batch, bus.maxPayloadBytes);
    this.#inBackground(bus.publish(logChannel, wakeUp), "a wake-up was not sent; the others' sweeps will see");
  }

  #hear(payload: unknown): void {
    const wakeUp = LogAdvanced.safeParse(payload);
    if (!wakeUp.success || !this.#head) return;
    const { epoch, position } = wakeUp.data;
    // An epoch is believed of the database alone: a late message of the old one must not turn it back.
    const isCredible = epoch === this.#head.epoch && position - (this.#proven?.position ?? 0) < maxAhead;
    if (isCredible) this.#advance({ ...this.#head, position }, batchOf(wakeUp.data));
    else this.#lookSoon();
  }

  #prove({ epoch, position, floor }: LogHead, batch: Batch | null = null): void {
    if (this.#proven?.epoch !== epoch || position > this.#proven.position) this.#proven = { epoch, position, floor };
    this.#advance({ epoch, position, floor }, batch);
  }

  #advance(head: LogHead, batch: Batch | null): void {
    const known = this.#head;
    const isNews = known?.epoch !== head.epoch || head.position > known.position;
    this.#head = isNews ? head : { ...known, floor: Math.max(known.floor, head.floor) };
    if (!isNews) return;
    if (head.position + this.#room > this.#roomEnd) this.#inBackground(this.#makeRoom(), "no partition could be made");
    for (const listener of this.#listeners) this.#tell(listener, head, batch);
  }

  #tell(listener: AdvanceListener, head: LogHead, batch: Batch | null): void {
    try {
      listener(head, batch);
    } catch (error) {
      this.#options.logger.error("a listener of the event log failed", { error });
    }
  }

  async #makeRoomNow(): Promise<void> {
    const { db } = this.#options;
    const { position } = await this.#readState();
    this.#roomEnd = await makePartitions(db, position, { size: this.#partitionSize, room: this.#room });
  }

  #inBackground(work: Promise<void>, sentence: string): void {
    work.catch((error: unknown) => this.#options.logger.warn(sentence, { error }));
  }
}

const newEpoch = (): string => randomBytes(4).toString("hex");
