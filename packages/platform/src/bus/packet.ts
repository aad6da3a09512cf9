/** One message as it travels: both parts are JSON already. */
export interface EncodedMessage {
  channel: string;
  json: string;
}

export interface Message {
  channel: string;
  payload: unknown;
}

/** NOTIFY takes less than 8,000 bytes (PostgreSQL, sql-notify). */
const maxPacketBytes = 7_999;
/** What is left for one message's JSON beside its channel of 64 bytes and the packet's own signs. */
export const maxMessageBytes = 7_900;

/**
 * Messages in order, as many in a packet as fit.
 * @param serial differs from packet to packet: NOTIFY drops an equal payload within one transaction
 */
export function toPackets(messages: readonly EncodedMessage[], serial: () => number): string[] {
  const packets: string[] = [];
  let open = "";
  let openBytes = 0;
  const finish = () => {
    if (openBytes > 0) packets.push(`${open}]`);
  };
  for (const { channel, json } of messages) {
    const item = `,["${channel}",${json}]`;
    const itemBytes = Buffer.byteLength(item);
    if (openBytes === 0 || openBytes + itemBytes + 1 > maxPacketBytes) {
      finish();
      open = `[${serial()}`;
      openBytes = open.length;
    }
    open += item;
    openBytes += itemBytes;
  }
  finish();
  return packets;
}

/** The messages of a packet in order; null when it is none of ours. By hand: every process does it for every message. */
export function fromPacket(text: string): Message[] | null {
  const packet = parseJson(text);
  if (!Array.isArray(packet) || !Number.isInteger(packet[0])) return null;
  const items: unknown[] = packet.slice(1);
  return items.every(isItem) ? items.map(([channel, payload]) => ({ channel, payload })) : null;
}

function isItem(item: unknown): item is [channel: string, payload: unknown] {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === "string";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
