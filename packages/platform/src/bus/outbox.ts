import { unavailable } from "../errors.ts";
import type { EncodedMessage } from "./packet.ts";

export interface OutboxOptions {
  /** Sends what was collected, in order. */
  send(messages: readonly EncodedMessage[]): Promise<void>;
  /** Messages that wait at most; one more is refused. */
  maxQueued: number;
}

export interface Outbox {
  /** @throws EchoError UNAVAILABLE */
  add(message: EncodedMessage): Promise<void>;
  /** Sends what waits and takes no more. */
  close(): Promise<void>;
}

/** Messages of one send: 8 MB of the longest. */
const maxBatch = 1_000;

interface Waiting {
  message: EncodedMessage;
  resolve(): void;
  reject(error: Error): void;
}

/** Collects a tick's messages for one send; one send is in flight at a time, so that order holds. */
export function createOutbox({ send, maxQueued }: OutboxOptions): Outbox {
  const queue: Waiting[] = [];
  let sending: Promise<void> | undefined;
  let isClosed = false;

  const sendAll = async (): Promise<void> => {
    // The rest of this tick comes along.
    await new Promise(setImmediate);
    while (queue.length > 0) {
      await sendBatch(queue.splice(0, maxBatch), send);
    }
    sending = undefined;
  };

  return {
    add(message) {
      if (isClosed) return Promise.reject(unavailable("The bus is closed"));
      if (queue.length >= maxQueued) return Promise.reject(unavailable("The bus cannot keep up: its queue is full"));
      return new Promise((resolve, reject) => {
        queue.push({ message, resolve, reject });
        sending ??= sendAll();
      });
    },
    async close() {
      isClosed = true;
      await sending;
    },
  };
}

/** At most once: what may have gone out is not sent again. */
async function sendBatch(batch: readonly Waiting[], send: OutboxOptions["send"]): Promise<void> {
  try {
    await send(batch.map(({ message }) => message));
    for (const { resolve } of batch) resolve();
  } catch (cause) {
    for (const { reject } of batch) reject(unavailable("The bus cannot publish", cause));
  }
}
