import type { Logger } from "../logger/logger.ts";
import type { Message } from "./packet.ts";

type Handler = (payload: unknown) => void;

/** Who in this process listens to which channel. */
export interface Router {
  /** Answers how to end it, for good and at once. */
  add(channel: string, handler: Handler): () => void;
  has(channel: string): boolean;
  deliver(message: Pick<Message, "channel" | "payload">): void;
  clear(): void;
}

export function createRouter(logger: Logger): Router {
  const channels = new Map<string, Set<{ handler: Handler }>>();

  return {
    add(channel, handler) {
      // An object of its own: the same function may subscribe twice.
      const entry = { handler };
      const entries = channels.get(channel) ?? new Set();
      channels.set(channel, entries.add(entry));
      return () => {
        entries.delete(entry);
        if (entries.size === 0 && channels.get(channel) === entries) channels.delete(channel);
      };
    },
    has: (channel) => channels.has(channel),
    deliver({ channel, payload }) {
      // A set that is walked skips what is deleted meanwhile.
      for (const { handler } of channels.get(channel) ?? []) {
        try {
          handler(payload);
        } catch (error) {
          logger.error("a subscriber of the bus threw", { channel, error });
        }
      }
    },
    clear() {
      for (const entries of channels.values()) entries.clear();
      channels.clear();
    },
  };
}
