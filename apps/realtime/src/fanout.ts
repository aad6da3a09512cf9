import { setImmediate as nextTurn } from "node:timers/promises";
import type { Batch, LoggedEvent, LogHead } from "@echo/core/event-log";
import { hydrate } from "@echo/core/sync";
import { pauseUnless } from "@echo/platform";
import { Announced, type NextRange } from "./announced.ts";
import { reattach } from "./attach.ts";
import type { Deliver } from "./hub.ts";
import { isWithin, type Needed, neededOf } from "./needed-streams.ts";
import type { Node } from "./node.ts";
import { frameFor, prepare } from "./prepare.ts";
import type { PreparedDelivery, Subscription } from "./subscription.ts";
import type { Typists } from "./typists.ts";

const batchEvents = 200;
/** Frames written before the process's other work gets its turn. */
const deliveriesPerTurn = 10_000;
const firstRetryMs = 250;
const maxRetryMs = 2_000;

const deliver: Deliver<Subscription, PreparedDelivery> = ({ outlet, id }, prepared, verdict) => {
  const frame = frameFor(prepared, verdict);
  if (frame) outlet.writer.write(frame.for(id), 1);
};

/** Of the log, since the start. */
export interface FanoutFigures {
  eventsRead: number;
  /** Passed by unread: of streams that nobody here has. */
  eventsSkipped: number;
}

/** Events of a range: all of them, or those of the streams that somebody here has. */
interface Reading {
  from: number;
  upTo: number;
  events: readonly LoggedEvent[];
  /** False when somebody came meanwhile whose streams were not read. */
  isEnough(rest: readonly LoggedEvent[]): boolean;
}

/** Brings the log to the sockets: read in order, bodies once per batch, frames once per event. */
export class Fanout {
  readonly #node: Node;
  readonly #typists: Typists;
  readonly #stopping = new AbortController();
  readonly #announced = new Announced();
  readonly #figures: FanoutFigures = { eventsRead: 0, eventsSkipped: 0 };
  #target: LogHead = { epoch: "", position: 0, floor: 0 };
  #running: Promise<void> | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(node: Node, typists: Typists) {
    this.#node = node;
    this.#typists = typists;
  }

  get figures(): Readonly<FanoutFigures> {
    return { ...this.#figures };
  }

  /** Begins at the log's end. @throws EchoError UNAVAILABLE */
  async start(): Promise<void> {
    const { core, hub } = this.#node;
    this.#target = await core.events.head();
    hub.reset(this.#target.epoch, this.#target.position);
    this.#unsubscribe = core.events.onAdvance((head, batch) => this.#advanceTo(head, batch));
  }

  /** Looks at the log now, whatever was announced. */
  async look(): Promise<void> {
    try {
      this.#advanceTo(await this.#node.core.events.head(), null);
    } catch (error) {
      this.#node.core.logger.warn("the log's head cannot be read; its next announcement will do", { error });
    }
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    await this.#running;
    this.#node.core.logger.debug("the log was fanned out", { ...this.#figures });
  }

  #advanceTo(head: LogHead, batch: Batch | null): void {
    const { epoch, position } = this.#target;
    if (head.epoch !== epoch) this.#announced.clear();
    if (head.epoch !== epoch || head.position > position) {
      this.#target = head;
      if (batch) this.#announced.add(head.position, batch);
    }
    if (this.#hasMore()) this.#running ??= this.#run();
  }

  #hasMore(): boolean {
    const { hub } = this.#node;
    return this.#target.epoch !== hub.epoch || this.#target.position > hub.position;
  }

  async #run(): Promise<void> {
    let retryMs = firstRetryMs;
    const { signal } = this.#stopping;
    while (this.#hasMore() && !signal.aborted) {
      try {
        await this.#step();
        retryMs = firstRetryMs;
      } catch (error) {
        this.#node.core.logger.error("the log could not be read; trying again", { error });
        await pauseUnless(signal, retryMs);
        retryMs = Math.min(2 * retryMs, maxRetryMs);
      }
    }
    this.#running = null;
  }

  async #step(): Promise<void> {
    const { hub } = this.#node;
    const target = this.#target;
    if (target.epoch !== hub.epoch) return this.#moveTo(target);
    const range = this.#announced.next(hub.position, target.position, batchEvents);
    const needed = neededOf(hub, range.names);
    if (needed !== "everything" && needed.size === 0) return this.#passBy(range.to);
    const reading = await this.#read(range, needed);
    if (reading.events[0]?.position === reading.from + 1) await this.#give(reading);
    else await this.#goByTheLog();
  }

  /** What was announced is not there: it was dropped while this node slept, since positions have no holes, or never was. */
  async #goByTheLog(): Promise<void> {
    const { core, hub } = this.#node;
    const head = await core.events.head();
    this.#announced.clear();
    this.#target = head;
    if (head.epoch !== hub.epoch || head.floor > hub.position) this.#moveTo(head);
  }

  /** Nothing is awaited since the look at who is here: whoever comes from now on finds this position passed. */
  #passBy(position: number): void {
    const { hub } = this.#node;
    this.#figures.eventsSkipped += position - hub.position;
    hub.advance(position, null, deliver);
  }

  async #read({ to, names }: NextRange, needed: Needed): Promise<Reading> {
    const { core, hub } = this.#node;
    const from = hub.position;
    const streamIds = needed === "everything" ? undefined : [...needed];
    const events = await core.events.read({ from, to, limit: batchEvents, streamIds });
    this.#figures.eventsRead += events.length;
    const grown = neededOf(hub, names, events);
    if (!isWithin(grown, needed)) return this.#read({ to, names }, grown);
    const isPage = needed === "everything" || events.length === batchEvents;
    const upTo = isPage ? (events.at(-1)?.position ?? from) : to;
    return { from, upTo, events, isEnough: (rest) => isWithin(neededOf(hub, names, rest), needed) };
  }

  #moveTo({ epoch, position }: LogHead): void {
    const { core, hub } = this.#node;
    core.logger.warn("the log is another one, or went on too far: clients list again", { epoch, position });
    for (const subscription of hub.reset(epoch, position)) void reattach(this.#node, subscription);
  }

  /** Bodies are read before anything is written; whoever attaches meanwhile is looked at again, so that nothing of his is passed by. */
  async #give({ from, upTo, events, isEnough }: Reading): Promise<void> {
    const { hub } = this.#node;
    const bodies = new Map<number, PreparedDelivery | null>();
    let rest = events;
    while (rest.length > 0) {
      if (!isEnough(rest)) return; // the next step reads again from here
      const missing = hub.wanted(rest).filter(({ position }) => !bodies.has(position));
      if (missing.length > 0) {
        await this.#readBodies(missing, bodies);
        continue;
      }
      rest = rest.slice(this.#giveTurn(rest, bodies));
      if (rest.length > 0) await nextTurn();
    }
    hub.advance(upTo, null, deliver);
    this.#figures.eventsSkipped += upTo - from - events.length;
  }

  async #readBodies(events: readonly LoggedEvent[], bodies: Map<number, PreparedDelivery | null>): Promise<void> {
    for (const { position } of events) bodies.set(position, null);
    for (const delivery of await hydrate(this.#node.core, events))
      bodies.set(delivery.position, prepare(this.#node, delivery));
  }

  /** Answers how many events were given out. */
  #giveTurn(events: readonly LoggedEvent[], bodies: ReadonlyMap<number, PreparedDelivery | null>): number {
    let deliveries = 0;
    for (const [index, event] of events.entries()) {
      if (deliveries >= deliveriesPerTurn) return index;
      const prepared = bodies.get(event.position) ?? null;
      deliveries += this.#node.hub.advance(event.position, prepared, deliver);
      prepared?.frame?.forget();
      prepared?.frameWithoutQuote?.forget();
      this.#endTyping(event);
    }
    return events.length;
  }

  /** Who sent or left does not type any more. */
  #endTyping({ type, streamId: conversationId, actorId, data }: LoggedEvent): void {
    const userId = type === "message.created" ? actorId : type === "member.removed" ? data?.userId : null;
    if (typeof userId !== "string") return;
    this.#typists.end({ conversationId, userId });
  }
}
