import type { MarkInput } from "@echo/contracts";
import { errorCode } from "../errors.ts";

interface AcknowledgerOptions {
  /** @throws a NETWORK error while there is no connection */
  markDelivered(input: MarkInput): Promise<unknown>;
  delayMs?: number;
}

/** A few conversations at a time: the socket's bucket (20/s) is the application's too. */
const maxCallsAtOnce = 4;
const defaultDelayMs = 250;

/** Tells the server what arrived: of each conversation the last message, a moment after it came. */
export class Acknowledger {
  readonly #options: AcknowledgerOptions;
  readonly #pending = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPaused = true;

  constructor(options: AcknowledgerOptions) {
    this.#options = options;
  }

  received({ conversationId, seq }: MarkInput): void {
    this.#pending.set(conversationId, Math.max(seq, this.#pending.get(conversationId) ?? 0));
    this.#schedule();
  }

  /** The server knows: another device of this person told it, or the message was read. */
  known({ conversationId, seq }: MarkInput): void {
    if ((this.#pending.get(conversationId) ?? 0) <= seq) this.#pending.delete(conversationId);
  }

  /** There is a connection. */
  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  /** There is none: what is not told yet is told later. */
  pause(): void {
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Somebody else signed in. */
  clear(): void {
    this.#pending.clear();
  }

  #schedule(): void {
    if (this.#isPaused || this.#timer !== undefined || this.#pending.size === 0) return;
    this.#timer = setTimeout(() => void this.#flush(), this.#options.delayMs ?? defaultDelayMs);
  }

  async #flush(): Promise<void> {
    const batch = [...this.#pending].slice(0, maxCallsAtOnce);
    for (const [conversationId] of batch) this.#pending.delete(conversationId);
    await Promise.all(batch.map(([conversationId, seq]) => this.#tell({ conversationId, seq })));
    this.#timer = undefined;
    this.#schedule();
  }

  async #tell(mark: MarkInput): Promise<void> {
    try {
      await this.#options.markDelivered(mark);
    } catch (error) {
      const code = errorCode(error);
      // Whoever left a conversation has nothing to acknowledge there.
      if (code !== "NETWORK" && code !== "UNAVAILABLE" && code !== "TOO_MANY_REQUESTS") return;
      const later = this.#pending.get(mark.conversationId) ?? 0;
      this.#pending.set(mark.conversationId, Math.max(mark.seq, later));
    }
  }
}
