import type { Message, MessagePage } from "@echo/contracts";

/** A run of a conversation's messages without a gap, ascending by seq. */
export interface MessageWindow {
  items: readonly Message[];
  /** There is more before, or after, what is held. */
  hasOlder: boolean;
  hasNewer: boolean;
}

export type Direction = "older" | "newer";

/** The first index whose seq is not below; the length when all are. */
function indexOf(items: readonly Message[], seq: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function windowOf({ items, hasMoreBefore, hasMoreAfter }: MessagePage): MessageWindow {
  return { items, hasOlder: hasMoreBefore, hasNewer: hasMoreAfter };
}

/** Later by version; a tombstone is last. */
function isLater(message: Message, held: Message): boolean {
  if (held.deletedAt !== null) return false;
  return message.deletedAt !== null || message.version > held.version;
}

/** What an event told of: a message that is new, or a version of one. */
export interface Heard {
  message: Message;
  isNew: boolean;
}

export const putInto = (window: MessageWindow, { message, isNew }: Heard): MessageWindow =>
  isNew ? insertInto(window, message) : replaceIn(window, message);

/** With a newer version of what it holds; the same window when it holds none or a later one. */
export function replaceIn(window: MessageWindow, message: Message): MessageWindow {
  const index = indexOf(window.items, message.seq);
  const held = window.items[index];
  if (held?.id !== message.id || !isLater(message, held)) return window;
  return { ...window, items: window.items.with(index, message) };
}

/** With a message that is new, where it belongs; the same window when that is outside. */
export function insertInto(window: MessageWindow, message: Message): MessageWindow {
  const { items, hasOlder, hasNewer } = window;
  const index = indexOf(items, message.seq);
  if (items[index]?.id === message.id) return replaceIn(window, message);
  if (index === 0 && hasOlder) return window;
  if (index === items.length && hasNewer) return window;
  return { ...window, items: items.toSpliced(index, items[index]?.seq === message.seq ? 1 : 0, message) };
}

/** With the page that was asked for before its first, or after its last. */
export function extend(window: MessageWindow, page: MessagePage, direction: Direction): MessageWindow {
  const known = new Set(window.items.map(({ id }) => id));
  const fresh = page.items.filter(({ id }) => !known.has(id));
  const extended =
    direction === "older"
      ? { ...window, items: [...fresh, ...window.items], hasOlder: page.hasMoreBefore }
      : { ...window, items: [...window.items, ...fresh], hasNewer: page.hasMoreAfter };
  return page.items.reduce(replaceIn, extended);
}

/** At most `max`, cut off at the end that is not looked at. */
export function trim(window: MessageWindow, max: number, lookingAt: Direction): MessageWindow {
  if (window.items.length <= max) return window;
  return lookingAt === "older"
    ? { ...window, items: window.items.slice(0, max), hasNewer: true }
    : { ...window, items: window.items.slice(-max), hasOlder: true };
}
