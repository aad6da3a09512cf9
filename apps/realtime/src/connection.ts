import type { Socket } from "node:net";
import type { Actor } from "@echo/core";
import { WebSocket } from "ws";
import { type CloseCode, closeCodes } from "./close-codes.ts";
import type { Timings } from "./config.ts";
import { pingFrame, pongFrame, textFrame } from "./frames.ts";
import { SocketWriter, type TickWriter } from "./socket-writer.ts";
import type { Subscription } from "./subscription.ts";
import type { TokenBucket } from "./token-bucket.ts";

const maxBadFrames = 100;

export interface ConnectionOptions {
  id: string;
  ws: WebSocket;
  socket: Socket;
  ip: string;
  bucket: TokenBucket;
  tick: TickWriter;
  timings: Timings;
  nowMs: number;
  onText(connection: Connection, text: string): void;
  /** It is not served any more: it was closed from here, or is gone. Once. */
  onLeft(connection: Connection): void;
  /** Its socket is gone. */
  onGone(connection: Connection): void;
}

/** One socket: frames in and out, deadlines, heartbeat, close. What frames mean is not its business. */
export class Connection {
  readonly id: string;
  readonly ip: string;
  readonly bucket: TokenBucket;
  readonly writer: SocketWriter;
  readonly subscriptions = new Map<string, Subscription>();
  /** Null until a token was accepted. */
  identity: { actor: Actor; accessToken: string } | null = null;
  /** What arrived while the token was being verified; null: no token has come yet. */
  waiting: string[] | null = null;
  /** Subscriptions of one socket attach one after the other. */
  attaching: Promise<void> = Promise.resolve();
  readonly #options: ConnectionOptions;
  #hasLeft = false;
  /** Calls that are not answered yet, and what to do once they are. */
  #calls = 0;
  #whenIdle: (() => void) | null = null;
  #badFrames = 0;
  #bytesRead = 0;
  #heardAtMs: number;
  #isPinged = false;

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.ip = options.ip;
    this.bucket = options.bucket;
    this.#options = options;
    this.#heardAtMs = options.nowMs;
    const { ws, socket, tick } = options;
    const isOpen = () => ws.readyState === WebSocket.OPEN;
    const onOverflow = () => this.close(closeCodes.tryAgain, "too slow; connect again with the cursor");
    this.writer = new SocketWriter({ socket, tick, isOpen, onOverflow });
    // What it tells (a broken frame, a reset) is followed by "close"; without a listener it would end the process.
    ws.on("error", () => undefined);
    ws.on("message", (data, isBinary) => this.#receive(data, isBinary));
    ws.on("close", () => {
      this.#leave();
      options.onGone(this);
    });
  }

  get isOpen(): boolean {
    return !this.#hasLeft && this.#options.ws.readyState === WebSocket.OPEN;
  }

  send(text: string): void {
    if (this.isOpen) this.writer.write(textFrame(text), 0);
  }

  /** Sends what is buffered, then the close frame; destroys the socket when the peer has not answered in time. */
  close(code: CloseCode, reason: string): void {
    if (this.#hasLeft) return;
    this.#leave();
    this.writer.flush();
    // Paused, it would not see the peer's answer.
    this.#options.ws.resume();
    this.#options.ws.close(code, reason);
  }

  /** The node stops: what is being answered is answered first. */
  closeWhenIdle(code: CloseCode, reason: string): void {
    const close = () => this.close(code, reason);
    if (this.#calls === 0) close();
    else this.#whenIdle = close;
  }

  beginCall(): void {
    this.#calls += 1;
  }

  endCall(): void {
    this.#calls -= 1;
    if (this.#calls === 0) this.#whenIdle?.();
  }

  terminate(): void {
    this.#leave();
    this.#options.ws.terminate();
  }

  /** A frame that could not be read as a whole was answered; too many of them close the socket. */
  countBadFrame(): void {
    this.#badFrames += 1;
    if (this.#badFrames >= maxBadFrames) this.close(closeCodes.policy, "too many bad frames");
  }

  /** Reads no further while the token is verified: nobody makes this node store what it cannot judge yet. */
  pause(): void {
    this.#options.ws.pause();
  }

  resume(): void {
    this.#options.ws.resume();
  }

  /** Called often within each of the deadlines: these, and the heartbeat. */
  look(nowMs: number): void {
    if (this.#hasLeft) return;
    this.#listen(nowMs);
    const { authMs, heartbeatMs, deadMs } = this.#options.timings;
    const silentMs = nowMs - this.#heardAtMs;
    if (this.identity === null && nowMs - this.#options.nowMs >= authMs) {
      if (this.waiting) this.close(closeCodes.tryAgain, "the token could not be checked in time; try again");
      else this.close(closeCodes.silent, "connectionParams did not come in time");
    } else if (silentMs >= deadMs && this.#isPinged) {
      this.terminate();
    } else if (silentMs >= heartbeatMs && !this.#isPinged) {
      // Also when this look comes late: nobody is dead who was not asked.
      this.#isPinged = true;
      this.writer.write(pingFrame, 0);
    }
  }

  /** Any byte is a sign of life: text, protocol pings, or a part of a frame. */
  #listen(nowMs: number): void {
    const { bytesRead } = this.#options.socket;
    if (bytesRead === this.#bytesRead) return;
    this.#bytesRead = bytesRead;
    this.#heardAtMs = nowMs;
    this.#isPinged = false;
  }

  #receive(data: unknown, isBinary: boolean): void {
    if (!this.isOpen) return;
    const text = String(data);
    if (isBinary) this.close(closeCodes.binary, "frames are text");
    else if (text === "PING") this.writer.write(pongFrame, 0);
    else if (text !== "PONG") this.#options.onText(this, text);
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#options.onLeft(this);
  }
}
