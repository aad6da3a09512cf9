import { setImmediate as nextTurn, setTimeout as wait } from "node:timers/promises";
import type { LoggedEvent, LogHead } from "@echo/core/event-log";
import { hydrate } from "@echo/core/sync";
import { reattach } from "./attach.ts";
import type { Deliver } from "./hub.ts";
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

/** Brings the log to the sockets: read in order, bodies once per batch, frames once per event. */
export class Fanout {
  readonly #node: Node;
  readonly #typists: Typists;
  readonly #stopping = new AbortController();
  #target: LogHead = { epoch: "", position: 0, floor: 0 };
  #running: Promise<void> | null = null;
  #unsubscribe: () => void = () => undefined;

  constructor(node: Node, typists: Typists) {
    this.#node = node;
    this.#typists = typists;
  }

  /** Begins at the log's end. @throws EchoError UNAVAILABLE */
  async start(): Promise<void> {
    const { core, hub } = this.#node;
    this.#target = await core.events.head();
    hub.reset(this.#target.epoch, this.#target.position);
    this.#unsubscribe = core.events.onAdvance((head) => this.#advanceTo(head));
  }

  /** Looks at the log now, whatever was announced. */
  async look(): Promise<void> {
    try {
      this.#advanceTo(await this.#node.core.events.head());
    } catch (error) {
      this.#node.core.logger.warn("the log's head cannot be read; its next announcement will do", { error });
    }
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping.abort();
    await this.#running;
  }

  #advanceTo(head: LogHead): void {
    if (head.epoch !== this.#target.epoch || head.position > this.#target.position) this.#target = head;
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
        await wait(retryMs, undefined, { signal }).catch(() => undefined);
        retryMs = Math.min(2 * retryMs, maxRetryMs);
      }
    }
    this.#running = null;
  }

  async #step(): Promise<void> {
    const { core, hub } = this.#node;
    const target = this.#target;
    if (target.epoch !== hub.epoch) return this.#moveTo(target);
    const from = hub.position;
    const events = await core.events.read({ from, to: target.position, limit: batchEvents });
    // Positions have no holes: what is missing was dropped while this node slept.
    if (events[0]?.position === from + 1) await this.#give(events);
    else this.#moveTo(target);
  }

  #moveTo({ epoch, position }: LogHead): void {
    const { core, hub } = this.#node;
    core.logger.warn("the log is another one, or went on too far: clients list again", { epoch, position });
    for (const subscription of hub.reset(epoch, position)) void reattach(this.#node, subscription);
  }

  /** Bodies are read before anything is written; whoever attaches meanwhile is looked at again, so that nothing of his is passed by. */
  async #give(events: readonly LoggedEvent[]): Promise<void> {
    const { core, hub } = this.#node;
    const bodies = new Map<number, PreparedDelivery | null>();
    let rest = events;
    while (rest.length > 0) {
      const missing = hub.wanted(rest).filter(({ position }) => !bodies.has(position));
      if (missing.length > 0) {
        for (const { position } of missing) bodies.set(position, null);
        for (const delivery of await hydrate(core, missing))
          bodies.set(delivery.position, prepare(this.#node, delivery));
        continue;
      }
      rest = rest.slice(this.#giveTurn(rest, bodies));
      if (rest.length > 0) await nextTurn();
    }
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
