import { tooManyRequests, unavailable } from "@echo/platform";
import type { Core } from "../core.ts";
import type { LogHead } from "../event-log/index.ts";

const maxWaiters = 10_000;
const maxWaitersPerUser = 20;
const retryAfterMs = 1_000;
const batchEvents = 1_000;

/** A call that waits for an event of some streams. */
export class Waiter {
  readonly streamIds: readonly string[];
  #isWoken = false;
  #wake: () => void = () => undefined;

  constructor(streamIds: readonly string[]) {
    this.streamIds = streamIds;
  }

  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Resolves when it was woken since the last call, when the time is over, or when the caller is gone. */
  async next(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isWoken && !signal?.aborted) await this.#sleep(timeoutMs, signal);
    this.#isWoken = false;
  }

  #sleep(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, timeoutMs);
      signal?.addEventListener("abort", end);
      this.#wake = end;
    });
  }
}

/**
 * Those who wait in this process. The log is read once for all of them, and only a call whose streams it names looks
 * for its events; so a thousand who wait cost what one does.
 */
export class Waiters {
  readonly #core: Core;
  readonly #byStream = new Map<string, Set<Waiter>>();
  readonly #perUser = new Map<string, number>();
  #count = 0;
  #position = 0;
  #head: LogHead | null = null;
  #running = false;
  #stopListening: () => void = () => undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Up to where the log was looked through for them. */
  get position(): number {
    return this.#position;
  }

  /** How many wait. */
  get size(): number {
    return this.#count;
  }

  /** @throws EchoError TOO_MANY_REQUESTS, UNAVAILABLE */
  enter(userId: string, streamIds: readonly string[]): Waiter {
    const own = this.#perUser.get(userId) ?? 0;
    if (own >= maxWaitersPerUser) throw tooManyRequests("subscriptions", retryAfterMs);
    if (this.#count >= maxWaiters) throw unavailable("Too many calls wait for events here; try again");
    const waiter = new Waiter([userId, ...streamIds]);
    this.#perUser.set(userId, own + 1);
    this.#count += 1;
    for (const id of waiter.streamIds) {
      const waiting = this.#byStream.get(id) ?? new Set();
      this.#byStream.set(id, waiting.add(waiter));
    }
    if (this.#count === 1) this.#stopListening = this.#core.events.onAdvance((head) => this.#advanceTo(head));
    return waiter;
  }

  leave(userId: string, waiter: Waiter): void {
    const left = (this.#perUser.get(userId) ?? 1) - 1;
    if (left > 0) this.#perUser.set(userId, left);
    else this.#perUser.delete(userId);
    this.#count -= 1;
    for (const id of waiter.streamIds) {
      const waiting = this.#byStream.get(id);
      waiting?.delete(waiter);
      if (waiting?.size === 0) this.#byStream.delete(id);
    }
    if (this.#count > 0) return;
    this.#stopListening();
    this.#head = null;
  }

  #advanceTo(head: LogHead): void {
    const known = this.#head;
    this.#head = head;
    if (known?.epoch !== head.epoch) {
      // Nobody knows what lies before: all look for themselves.
      this.#position = head.position;
      this.#wakeAll();
    } else if (!this.#running) void this.#read();
  }

  async #read(): Promise<void> {
    this.#running = true;
    for (let head = this.#head; head && head.position > this.#position; head = this.#head) {
      try {
        await this.#readBatch(head);
      } catch (error) {
        this.#core.logger.warn("the log could not be read for calls that wait; each looks for itself", { error });
        this.#position = head.position;
        this.#wakeAll();
      }
    }
    this.#running = false;
  }

  async #readBatch({ epoch, position }: LogHead): Promise<void> {
    const events = await this.#core.events.read({ from: this.#position, to: position, limit: batchEvents });
    if (this.#head?.epoch !== epoch) return;
    for (const { streamId } of events) this.#wake(this.#byStream.get(streamId));
    this.#position = events.at(-1)?.position ?? position;
  }

  #wakeAll(): void {
    for (const waiting of this.#byStream.values()) this.#wake(waiting);
  }

  #wake(waiting: Iterable<Waiter> | undefined): void {
    for (const waiter of waiting ?? []) waiter.wake();
  }
}

const waitersOfCore = new WeakMap<Core, Waiters>();

export function waitersOf(core: Core): Waiters {
  const waiters = waitersOfCore.get(core) ?? new Waiters(core);
  waitersOfCore.set(core, waiters);
  return waiters;
}
