import type { Message, SendMessageInput } from "@echo/contracts";
import { networkError } from "../errors.ts";
import { retryAfterMs } from "../retry-after.ts";
import type { KeptMessages } from "./kept-messages.ts";
import { randomId } from "./random-id.ts";

type WithOptionalId<I> = I extends { clientMessageId: string }
  ? Omit<I, "clientMessageId"> & { clientMessageId?: string | undefined }
  : never;

/** A message to send. `clientMessageId` is made when it is missing. */
export type SendInput = WithOptionalId<SendMessageInput>;

interface Sending {
  clientMessageId: string;
  conversationId: string;
  input: SendMessageInput;
}

/** What becomes of a message that this client sends, for showing it before the server has it. */
export interface SendEvents {
  "send.pending": { type: "send.pending"; at: string; data: Sending };
  "send.sent": { type: "send.sent"; at: string; data: Sending & { message: Message } };
  "send.failed": { type: "send.failed"; at: string; data: Sending & { error: unknown } };
}

interface OutboxOptions {
  post(input: SendMessageInput): Promise<Message>;
  emit<T extends keyof SendEvents>(type: T, event: SendEvents[T]): void;
  /** Messages that wait; one more is refused. */
  capacity: number;
  /** Where they survive this page. */
  kept: KeptMessages | null;
}

/** Sends each message once, whatever becomes of the calls, and those of a conversation in order. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #tails = new Map<string, Promise<unknown>>();
  readonly #sleepers = new Set<() => void>();
  #size = 0;
  /** Counts the times that all was given up. */
  #era = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** @throws what the server refuses it with; RangeError when too many wait */
  send(input: SendInput): Promise<Message> {
    if (this.#size >= this.#options.capacity) {
      return Promise.reject(new RangeError(`${this.#options.capacity} messages wait to be sent; try again later`));
    }
    const message = { ...input, clientMessageId: input.clientMessageId ?? randomId() } as SendMessageInput;
    this.#tellKept((kept) => kept.add(message));
    return this.#enqueue(message);
  }

  /** Sends what this person wrote in a page that is gone. */
  async resume(userId: string): Promise<void> {
    const era = this.#era;
    const messages = (await this.#options.kept?.adopt(userId)) ?? [];
    if (era !== this.#era) return;
    for (const message of messages) this.#enqueue(message).catch(() => undefined); // told as failed
  }

  #enqueue(input: SendMessageInput): Promise<Message> {
    const { conversationId, clientMessageId } = input;
    const sending = { clientMessageId, conversationId, input };
    this.#size += 1;
    this.#options.emit("send.pending", { type: "send.pending", at: now(), data: sending });
    const era = this.#era;
    const sent = (this.#tails.get(conversationId) ?? Promise.resolve()).then(() => this.#deliver(sending, era));
    const tail = sent
      .catch(() => undefined)
      .then(() => {
        this.#size -= 1;
        if (this.#tails.get(conversationId) === tail) this.#tails.delete(conversationId);
      });
    this.#tails.set(conversationId, tail);
    return sent;
  }

  /** Tries at once what waits for its next try: the network is back. */
  wake(): void {
    for (const wake of this.#sleepers) wake();
  }

  /** Gives up what was not sent; what is kept may be sent by another page. */
  clear(): void {
    this.#era += 1;
    this.wake();
  }

  /** Gives up what this person did not send, in all pages. */
  forget(userId: string): void {
    this.#tellKept((kept) => kept.removeAllOf(userId));
    this.clear();
  }

  close(): void {
    this.clear();
    this.#options.kept?.close();
  }

  /** A storage that fails keeps no message from being sent. */
  #tellKept(tell: (kept: KeptMessages) => Promise<void>): void {
    if (this.#options.kept) tell(this.#options.kept).catch(() => undefined);
  }

  async #deliver(sending: Sending, era: number): Promise<Message> {
    try {
      const message = await this.#post(sending.input, era);
      this.#options.emit("send.sent", { type: "send.sent", at: now(), data: { ...sending, message } });
      return message;
    } catch (error) {
      this.#options.emit("send.failed", { type: "send.failed", at: now(), data: { ...sending, error } });
      throw error;
    } finally {
      if (era === this.#era) this.#tellKept((kept) => kept.remove(sending.clientMessageId));
    }
  }

  async #post(input: SendMessageInput, era: number): Promise<Message> {
    for (let attempt = 0; ; attempt += 1) {
      if (era !== this.#era) throw networkError("The client was closed or signed out before the message was sent");
      try {
        return await this.#options.post(input);
      } catch (error) {
        const waitMs = retryAfterMs(error, attempt);
        if (waitMs === null) throw error;
        await this.#sleep(waitMs);
      }
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#sleepers.add(wake);
    });
  }
}

const now = () => new Date().toISOString();
