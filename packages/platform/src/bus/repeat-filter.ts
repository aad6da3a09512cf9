import { LRUCache } from "lru-cache";
import type { Message } from "./packet.ts";

/** Publishers whose last messages are remembered: the processes of a large system, and those that they replaced. */
const maxPublishers = 2_000;
/** More than one batch of the outbox: what may go out twice is never further apart. */
const window = 2_048;

interface Heard {
  highest: number;
  /** Those of the last `window` that were heard. */
  serials: Set<number>;
}

/**
 * Tells whether a message is no repeat of one that was heard, on whichever transport. One that another overtook is news: a
 * revocation that went the slow way must arrive all the same.
 */
export function createRepeatFilter(): (publisher: string, message: Pick<Message, "serial">) => boolean {
  const last = new LRUCache<string, Heard>({ max: maxPublishers });
  return (publisher, { serial }) => {
    const heard = last.get(publisher) ?? { highest: 0, serials: new Set() };
    last.set(publisher, heard);
    if (heard.serials.has(serial)) return false;
    // So far behind, it is no repeat: a number ahead of its time was wrong.
    if (serial <= heard.highest - window) Object.assign(heard, { highest: 0, serials: new Set() });
    heard.serials.add(serial);
    heard.highest = Math.max(heard.highest, serial);
    if (heard.serials.size >= 2 * window) forgetBelow(heard, heard.highest - window);
    return true;
  };
}

function forgetBelow({ serials }: Heard, lowest: number): void {
  for (const serial of serials) if (serial <= lowest) serials.delete(serial);
}
