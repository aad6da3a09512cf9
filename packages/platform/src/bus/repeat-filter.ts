import { LRUCache } from "lru-cache";
import type { Message } from "./packet.ts";

/** Publishers whose last message is remembered: the processes of a large system, and those that they replaced. */
const maxPublishers = 2_000;

/** Tells whether a message is no repeat of one that was heard, on whichever transport, nor older than one. */
export function createRepeatFilter(): (publisher: string, message: Message) => boolean {
  const last = new LRUCache<string, { serial: number }>({ max: maxPublishers });
  return (publisher, { serial }) => {
    const known = last.get(publisher);
    if (!known) last.set(publisher, { serial });
    else if (serial <= known.serial) return false;
    else known.serial = serial;
    return true;
  };
}
