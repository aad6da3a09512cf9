import type { Socket } from "node:net";
import { FrameRun } from "./frame-run.ts";

/** product.md: what a socket may have that the kernel has not accepted. */
const maxUnsentEvents = 256;
const maxUnsentBytes = 1024 * 1024;
/** Within a tick, how much is gathered before the kernel is asked. */
const maxGatheredEvents = 64;
const maxGatheredBytes = 256 * 1024;

/** Writes what one tick gathered for many sockets, each socket's frames as one buffer in one system call. */
export class TickWriter {
  /** Where each run of this tick begins. */
  start = new FrameRun();
  #waiting: SocketWriter[] = [];
  readonly #run = (): void => {
    const writers = this.#waiting;
    this.#waiting = [];
    for (const writer of writers) writer.flush();
    this.start = new FrameRun();
  };

  schedule(writer: SocketWriter): void {
    if (this.#waiting.push(writer) === 1) setImmediate(this.#run);
  }
}

interface SocketWriterOptions {
  socket: Socket;
  tick: TickWriter;
  /** False once a close frame was written: nothing may follow it (RFC 6455, 5.5.1). */
  isOpen(): boolean;
  onOverflow(): void;
}

/**
 * Writes finished frames to the net.Socket of an upgraded connection, beside `ws`, which writes its own frames (pong,
 * close) to the same socket, each whole and at once; so frames of the two follow each other and never mix.
 */
export class SocketWriter {
  readonly #socket: Socket;
  readonly #options: SocketWriterOptions;
  /** What this tick gathered. */
  #run: FrameRun | null = null;
  #gatheredEvents = 0;
  #gatheredBytes = 0;
  /** Events that the kernel has not accepted, and after how many bytes of the socket each lot of them ends. */
  #unsentEvents = 0;
  #unsentLots: { endsAt: number; events: number }[] = [];

  constructor(options: SocketWriterOptions) {
    this.#socket = options.socket;
    this.#options = options;
  }

  /** @param events how many events the frame carries: 1, or 0 for an answer */
  write(frame: Buffer, events: number): void {
    const { tick } = this.#options;
    this.#gatheredEvents += events;
    this.#gatheredBytes += frame.length;
    if (this.#run === null) tick.schedule(this);
    this.#run = (this.#run ?? tick.start).with(frame);
    if (this.#gatheredEvents >= maxGatheredEvents || this.#gatheredBytes >= maxGatheredBytes) this.flush();
  }

  /** Writes these events and resolves when the kernel has accepted them, or the socket is gone: pacing for those who catch up. */
  writePage(frames: readonly Buffer[]): Promise<void> {
    this.flush();
    if (frames.length === 0 || !this.#options.isOpen()) return Promise.resolve();
    this.#gatheredEvents = frames.length;
    return new Promise((resolve) => {
      this.#socket.write(Buffer.concat(frames), () => resolve());
      this.#account();
    });
  }

  flush(): void {
    const run = this.#run;
    if (run === null) return;
    this.#run = null;
    if (this.#options.isOpen()) this.#socket.write(run.join());
    this.#account();
  }

  #account(): void {
    const events = this.#gatheredEvents;
    this.#gatheredEvents = 0;
    this.#gatheredBytes = 0;
    const unsentBytes = this.#socket.writableLength;
    if (unsentBytes === 0) {
      if (this.#unsentEvents > 0) this.#unsentLots = [];
      this.#unsentEvents = 0;
      return;
    }
    const written = this.#socket.bytesWritten;
    this.#unsentLots.push({ endsAt: written, events });
    this.#unsentEvents += events;
    for (let lot = this.#unsentLots[0]; lot && lot.endsAt <= written - unsentBytes; lot = this.#unsentLots[0]) {
      this.#unsentEvents -= lot.events;
      this.#unsentLots.shift();
    }
    if (this.#unsentEvents > maxUnsentEvents || unsentBytes > maxUnsentBytes) this.#options.onOverflow();
  }
}
