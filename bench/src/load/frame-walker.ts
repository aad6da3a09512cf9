const finalClose = 0x88; // FIN and opcode 8

/** Called with a frame's payload as it lies in the chunk; `whole` false: the rest came in other chunks and is not kept. */
export type OnFrame = (bytes: number, chunk: Buffer, at: FramePlace) => void;

interface FramePlace {
  start: number;
  end: number;
  isWhole: boolean;
  isClose: boolean;
}

/**
 * Walks over the frames that a server sends without looking into them: a load generator must cost less than what it
 * measures. What lies across two chunks is counted and not read, unless `keep` says so.
 */
export class FrameWalker {
  /** Bytes of the present frame that are still to come. */
  #left = 0;
  #bytes = 0;
  #isClose = false;
  #rest: Buffer | null = null;
  #parts: Buffer[] = [];
  readonly #keep: boolean;

  constructor(keep: boolean) {
    this.#keep = keep;
  }

  walk(chunk: Buffer, onFrame: OnFrame): void {
    let buffer = chunk;
    if (this.#rest) {
      buffer = Buffer.concat([this.#rest, chunk]);
      this.#rest = null;
    }
    let at = this.#left > 0 ? this.#finish(buffer, onFrame) : 0;
    while (at < buffer.length) {
      const header = headerOf(buffer, at);
      if (header === null) {
        this.#rest = Buffer.from(buffer.subarray(at));
        return;
      }
      const start = at + header.length;
      const end = start + header.bytes;
      if (end > buffer.length) {
        this.#left = end - buffer.length;
        this.#bytes = header.bytes;
        this.#isClose = header.isClose;
        if (this.#keep) this.#parts = [Buffer.from(buffer.subarray(start))];
        return;
      }
      onFrame(header.bytes, buffer, { start, end, isWhole: true, isClose: header.isClose });
      at = end;
    }
  }

  #finish(buffer: Buffer, onFrame: OnFrame): number {
    const end = Math.min(this.#left, buffer.length);
    this.#left -= end;
    if (this.#keep) this.#parts.push(Buffer.from(buffer.subarray(0, end)));
    if (this.#left > 0) return end;
    const whole = this.#keep ? Buffer.concat(this.#parts) : buffer;
    this.#parts = [];
    onFrame(this.#bytes, whole, { start: 0, end: whole.length, isWhole: this.#keep, isClose: this.#isClose });
    return end;
  }
}

/** Of an unmasked frame (RFC 6455, 5.2); null when the chunk ends within it. */
function headerOf(buffer: Buffer, at: number): { length: number; bytes: number; isClose: boolean } | null {
  const isClose = buffer[at] === finalClose;
  const code = buffer[at + 1];
  if (code === undefined) return null;
  if (code < 126) return { length: 2, bytes: code, isClose };
  if (code === 126) return at + 4 <= buffer.length ? { length: 4, bytes: buffer.readUInt16BE(at + 2), isClose } : null;
  return at + 10 <= buffer.length ? { length: 10, bytes: Number(buffer.readBigUInt64BE(at + 2)), isClose } : null;
}
