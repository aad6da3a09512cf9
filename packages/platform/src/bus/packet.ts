import { z } from "zod";

/** One message as it travels: the payload is JSON already. */
export interface EncodedMessage {
  channel: string;
  json: string;
}

/** With its place in what its publisher says, over all channels; 0: it has none, and is never held to be a repeat. */
export interface NumberedMessage extends EncodedMessage {
  serial: number;
}

export interface Message {
  channel: string;
  serial: number;
  payload: unknown;
}

export interface Packet {
  publisher: string;
  messages: Message[];
}

/** The form of packets; what is of another is dropped: its publisher is of another version. */
const version = 2;
/** NOTIFY takes less than 8,000 bytes (PostgreSQL, sql-notify). */
const maxPacketBytes = 7_999;
/** What is left for one message's JSON beside its channel of 64 bytes, its serial and the packet's own signs. */
export const maxMessageBytes = 7_800;

/**
 * Messages in order, as many in a packet as fit.
 * @param mark differs from packet to packet: NOTIFY drops an equal payload within one transaction
 */
export function toPackets(
  messages: readonly NumberedMessage[],
  { publisher, mark }: { publisher: string; mark(): number },
): string[] {
  const packets: string[] = [];
  let open = "";
  let openBytes = 0;
  const finish = () => {
    if (openBytes > 0) packets.push(`${open}]`);
  };
  for (const { channel, serial, json } of messages) {
    const item = `,[${serial},"${channel}",${json}]`;
    const itemBytes = Buffer.byteLength(item);
    if (openBytes === 0 || openBytes + itemBytes + 1 > maxPacketBytes) {
      finish();
      open = `[${version},"${publisher}",${mark()}`;
      openBytes = open.length;
    }
    open += item;
    openBytes += itemBytes;
  }
  finish();
  return packets;
}

const Head = z.tuple([z.literal(version), z.string().max(64), z.int()]).rest(z.unknown());

/** The messages of a packet in order; null when it is none of ours. The items by hand: every process does it for every message. */
export function fromPacket(text: string): Packet | null {
  if (text.length > maxPacketBytes) return null;
  const head = Head.safeParse(parseJson(text));
  if (!head.success) return null;
  const [, publisher, , ...items] = head.data;
  if (!items.every(isItem)) return null;
  return { publisher, messages: items.map(([serial, channel, payload]) => ({ serial, channel, payload })) };
}

function isItem(item: unknown): item is [serial: number, channel: string, payload: unknown] {
  return Array.isArray(item) && item.length === 3 && Number.isInteger(item[0]) && typeof item[1] === "string";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
