import type { RealtimeEvent, TrackedEvent } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";
import { networkError } from "../errors.ts";
import type { WebSocketConstructor, WebSocketLike } from "./web-socket-like.ts";

export interface ConnectionOptions {
  url: string;
  token: string;
  /** Where to resume; null: live from now. */
  cursor: string | null;
  WebSocket: WebSocketConstructor;
  /** Each frame of the subscription; `place` is where a later connection resumes. */
  onEvent(place: string, event: RealtimeEvent): void;
  /** The server ended or refused the subscription. */
  onRefused(error: unknown): void;
  /** Once, whoever closed it; 1006 when nobody said why. */
  onClose(code: number): void;
}

interface PendingCall {
  resolve(data: unknown): void;
  reject(error: unknown): void;
  timer: ReturnType<typeof setTimeout>;
}

/** A tRPC response, as far as it is read here. */
interface Frame {
  id?: number | null;
  result?: { type?: string; data?: unknown };
  error?: { message: string; code: number; data?: unknown };
}

const subscriptionId = 1;
const callTimeoutMs = 10_000;
/** To be connected and have the first event. */
const readyTimeoutMs = 15_000;
const defaultHeartbeatMs = 45_000;
const abnormal = 1006;

/** One WebSocket from its opening to its end: tRPC's frames, the one subscription, heartbeats both ways. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: WebSocketLike;
  readonly #calls = new Map<number, PendingCall>();
  #lastCallId = subscriptionId;
  #isOpen = false;
  #isClosed = false;
  #heardAt = Date.now();
  #watch: ReturnType<typeof setTimeout>;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#watch = setTimeout(() => this.abandon(), readyTimeoutMs);
    const socket = new options.WebSocket(options.url);
    this.#socket = socket;
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }: { data: unknown }) => this.#hear(String(data));
    socket.onerror = () => undefined; // a close follows
    socket.onclose = ({ code }: { code: number }) => this.#close(code);
  }

  /** Calls a procedure over this connection. @throws what the server answers, or a NETWORK error */
  call({ type, path, input }: { type: string; path: string; input: unknown }): Promise<unknown> {
    if (!this.#isOpen) return Promise.reject(networkError("The connection is closed"));
    return new Promise((resolve, reject) => {
      this.#lastCallId += 1;
      const id = this.#lastCallId;
      const timer = setTimeout(() => {
        this.#calls.delete(id);
        reject(networkError(`${path} was not answered in time`));
      }, callTimeoutMs);
      this.#calls.set(id, { resolve, reject, timer });
      this.#send({ id, method: type, params: { path, input } });
    });
  }

  /** Gives it up at once: a connection that is silent may never get to close in order. */
  abandon(): void {
    if (this.#isClosed) return;
    if (this.#socket.terminate) this.#socket.terminate();
    else this.#socket.close();
    this.#close(abnormal);
  }

  #open(): void {
    const { token, cursor } = this.#options;
    this.#isOpen = true;
    this.#send({ method: "connectionParams", data: { token } });
    const input = cursor === null ? {} : { cursor };
    this.#send({ id: subscriptionId, method: "subscription", params: { path: "events.subscribe", input } });
  }

  #send(message: unknown): void {
    this.#socket.send(JSON.stringify(message));
  }

  #hear(text: string): void {
    this.#heardAt = Date.now();
    if (text === "PONG" || this.#isClosed) return;
    if (text === "PING") {
      this.#socket.send("PONG");
      return;
    }
    const frames = parseFrames(text);
    if (!frames) {
      this.abandon();
      return;
    }
    for (const frame of frames) {
      if (frame.id === subscriptionId) this.#takeSubscribed(frame);
      else this.#takeAnswer(frame);
    }
  }

  #takeSubscribed({ result, error }: Frame): void {
    if (error) this.#options.onRefused(TRPCClientError.from({ error }));
    else if (result?.type === "data") this.#receive(result.data as TrackedEvent);
    else if (result?.type === "stopped") this.#options.onRefused(networkError("The subscription was stopped"));
  }

  #takeAnswer({ id, result, error }: Frame): void {
    if (typeof id !== "number") return;
    const call = this.#calls.get(id);
    if (!call) return;
    this.#calls.delete(id);
    clearTimeout(call.timer);
    if (error) call.reject(TRPCClientError.from({ error }));
    else call.resolve(result?.data);
  }

  #receive({ id, data: event }: TrackedEvent): void {
    if (event.type === "connection.ack") this.#keepWatch(event.data.heartbeatMs || defaultHeartbeatMs);
    this.#options.onEvent(id, event);
  }

  /** Asks a silent server for a sign of life, and gives up one that gives none. */
  #keepWatch(heartbeatMs: number): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      const silentMs = Date.now() - this.#heardAt;
      if (silentMs > 1.5 * heartbeatMs) {
        this.abandon();
        return;
      }
      if (silentMs > heartbeatMs) this.#socket.send("PING");
      this.#keepWatch(heartbeatMs);
    }, heartbeatMs / 4);
  }

  #close(code: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isOpen = false;
    clearTimeout(this.#watch);
    for (const { reject, timer } of this.#calls.values()) {
      clearTimeout(timer);
      reject(networkError("The connection closed before the answer came"));
    }
    this.#calls.clear();
    this.#options.onClose(code);
  }
}

/** Null: this is no server of ours. */
function parseFrames(text: string): Frame[] | null {
  try {
    const parsed: Frame | Frame[] = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return null;
  }
}
