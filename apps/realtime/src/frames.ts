import type { RealtimeEvent } from "@echo/contracts";

const finalText = 0x81; // FIN and opcode 1 (RFC 6455, 5.2)

/** One unmasked WebSocket text frame: what a server sends. */
export function textFrame(text: string | Buffer): Buffer {
  const bytes = typeof text === "string" ? Buffer.byteLength(text) : text.length;
  const header = headerBytes(bytes);
  const frame = Buffer.allocUnsafe(header + bytes);
  writeHeader(frame, bytes);
  if (typeof text === "string") frame.write(text, header);
  else text.copy(frame, header);
  return frame;
}

/** tRPC's text heartbeat. */
export const pingFrame = textFrame("PING");
export const pongFrame = textFrame("PONG");

/**
 * An event on the wire: serialised once, framed once per distinct subscription id, and the same bytes are written to
 * every socket. `id` is the client's place: the position up to which it has been given everything.
 */
export class EventFrame {
  readonly #tail: Buffer;
  readonly #framed = new Map<string, Buffer>();
  #lastId = "";
  #last: Buffer = pingFrame;

  constructor(id: string, event: RealtimeEvent) {
    const cursor = JSON.stringify(id);
    const json = JSON.stringify(event);
    this.#tail = Buffer.from(`,"result":{"type":"data","id":${cursor},"data":{"id":${cursor},"data":${json}}}}`);
  }

  /** @param subscriptionId the id of the client's request, as JSON */
  for(subscriptionId: string): Buffer {
    if (subscriptionId === this.#lastId) return this.#last;
    const frame = this.#framed.get(subscriptionId) ?? this.once(subscriptionId);
    this.#framed.set(subscriptionId, frame);
    this.#lastId = subscriptionId;
    this.#last = frame;
    return frame;
  }

  /** The same for a single socket; nothing is kept. */
  once(subscriptionId: string): Buffer {
    return textFrame(Buffer.concat([Buffer.from(`{"id":${subscriptionId}`), this.#tail]));
  }

  /** Drops the frames and keeps the serialised event: what the ring holds. */
  forget(): void {
    this.#framed.clear();
    this.#lastId = "";
    this.#last = pingFrame;
  }
}

function headerBytes(bytes: number): number {
  if (bytes < 126) return 2;
  return bytes < 65_536 ? 4 : 10;
}

function writeHeader(frame: Buffer, bytes: number): void {
  frame[0] = finalText;
  if (bytes < 126) {
    frame[1] = bytes;
  } else if (bytes < 65_536) {
    frame[1] = 126;
    frame.writeUInt16BE(bytes, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(bytes), 2);
  }
}
