import { connect, type Socket } from "node:net";
import { clientFrame, closeFrame, upgradeRequest } from "./client-frames.ts";
import { FrameWalker, type OnFrame } from "./frame-walker.ts";
import { type Seat, type WireName, wires } from "./wires.ts";

/** Shared by all sockets: each chunk is used up before the next one is read. */
const chunkBytes = 256 * 1024;
const shared = Buffer.allocUnsafe(chunkBytes);
/** Longer ones are events; control frames of all wires are shorter. */
const maxControlBytes = 360;

export interface LoadSocketOptions {
  wire: WireName;
  port: number;
  seat: Seat;
  /** Of loopback: a second one has its own 28,000 ports. */
  localAddress: string;
  /** Whether frames that lie across chunks are put together and read too. */
  keep: boolean;
  onEvent: OnFrame;
  /** The server closed it, or never let it in. */
  onClose?: () => void;
}

/** One client as cheap as possible: a TCP socket that counts frames. */
export class LoadSocket {
  readonly ready: Promise<void>;
  readonly #socket: Socket;
  readonly #options: LoadSocketOptions;
  readonly #walker: FrameWalker;
  #head: string | null = "";
  #isReady = false;
  #settle: { resolve(): void; reject(error: Error): void } = { resolve: () => undefined, reject: () => undefined };

  constructor(options: LoadSocketOptions) {
    this.#options = options;
    this.#walker = new FrameWalker(options.keep);
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    const { port, localAddress, wire, seat } = options;
    const onread = { buffer: shared, callback: (length: number) => this.#receive(shared.subarray(0, length)) };
    this.#socket = connect({ host: "127.0.0.1", port, localAddress, noDelay: true, onread });
    this.#socket.on("error", (error) => this.#settle.reject(error));
    this.#socket.on("close", () => {
      this.#settle.reject(new Error("The server closed a socket of the load generator"));
      options.onClose?.();
    });
    this.#socket.write(upgradeRequest(wires[wire].path(seat), port));
  }

  /** Without a closing handshake: what a lost client looks like. */
  destroy(): void {
    this.#socket.removeAllListeners("close");
    this.#socket.resetAndDestroy();
  }

  get isGone(): boolean {
    return this.#socket.destroyed;
  }

  #receive(chunk: Buffer): boolean {
    if (this.#head === null) this.#walker.walk(chunk, this.#onFrame);
    else this.#upgrade(chunk);
    return true;
  }

  #upgrade(chunk: Buffer): void {
    this.#head += chunk.toString("latin1");
    const end = this.#head?.indexOf("\r\n\r\n") ?? -1;
    if (end < 0) return;
    const head = this.#head ?? "";
    this.#head = null;
    if (!head.startsWith("HTTP/1.1 101")) {
      this.#settle.reject(new Error(`No upgrade: ${head.slice(0, 300)}`));
      return;
    }
    const { wire, seat } = this.#options;
    const { greet, readyMark } = wires[wire];
    const greetings = greet(seat).map(clientFrame);
    if (greetings.length > 0) this.#socket.write(Buffer.concat(greetings));
    if (readyMark === null) this.#becomeReady();
    const rest = Buffer.from(head.slice(end + 4), "latin1");
    if (rest.length > 0) this.#walker.walk(rest, this.#onFrame);
  }

  readonly #onFrame: OnFrame = (bytes, chunk, at) => {
    // Answered at once, as every client does: the server would wait for it.
    if (at.isClose) this.#socket.write(closeFrame);
    else if (bytes > maxControlBytes) this.#options.onEvent(bytes, chunk, at);
    else if (at.isWhole) this.#control(chunk.toString("utf8", at.start, at.end));
  };

  #control(text: string): void {
    const { reply, readyMark } = wires[this.#options.wire];
    const answer = reply(text);
    if (answer !== null) this.#socket.write(clientFrame(answer));
    if (!this.#isReady && readyMark !== null && text.includes(readyMark)) this.#becomeReady();
  }

  #becomeReady(): void {
    this.#isReady = true;
    this.#settle.resolve();
  }
}
