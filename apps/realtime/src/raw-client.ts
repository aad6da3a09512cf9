import { once } from "node:events";
import type { RealtimeEvent } from "@echo/contracts";
import { WebSocket } from "ws";

interface RawFrame {
  id?: unknown;
  result?: { type?: string; id?: string; data?: unknown };
  error?: { code: number; message: string; data: { code: string; message: string; requestId: string } };
}

interface RawOptions {
  /** Sent as connectionParams at once; null: nothing is sent. */
  token: string | null;
  path?: string;
  headers?: Record<string, string>;
}

/** A socket that speaks the wire by hand: for tests of what a well-behaved client never sends. */
export class RawClient {
  readonly ws: WebSocket;
  readonly texts: string[] = [];
  readonly frames: RawFrame[] = [];
  /** Resolves with how the socket ended. */
  readonly closed: Promise<{ code: number; reason: string; afterMs: number }>;
  readonly #waiting = new Set<() => void>();

  private constructor(ws: WebSocket) {
    this.ws = ws;
    const openedAt = performance.now();
    ws.on("error", () => undefined);
    ws.on("message", (data) => {
      const text = String(data);
      this.texts.push(text);
      if (text.startsWith("{")) this.frames.push(JSON.parse(text));
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      ws.on("close", (code, reason) => {
        this.#wake();
        resolve({ code, reason: String(reason), afterMs: performance.now() - openedAt });
      });
    });
  }

  /** @throws Error with the status when the handshake is refused */
  static async connect(url: string, { token, path = "/trpc", headers = {} }: RawOptions): Promise<RawClient> {
    const client = new RawClient(new WebSocket(`${url}${path}`, { headers }));
    await once(client.ws, "open");
    if (token !== null) client.send({ method: "connectionParams", data: { token } });
    return client;
  }

  /** A string goes as it is. */
  send(message: unknown): void {
    this.ws.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  query(id: unknown, path: string, input?: unknown): void {
    this.send({ id, method: "query", params: { path, input } });
  }

  mutate(id: unknown, path: string, input?: unknown): void {
    this.send({ id, method: "mutation", params: { path, input } });
  }

  subscribe(id: unknown, cursor?: string): void {
    this.send({ id, method: "subscription", params: { path: "events.subscribe", input: {}, lastEventId: cursor } });
  }

  /** What a subscription was given: the place of each frame, and its event. */
  eventsOf(id: unknown): { place: string; event: RealtimeEvent }[] {
    const data = this.frames.filter((frame) => frame.id === id && frame.result?.type === "data");
    return data.map(({ result }) => {
      const { id: place, data } = result as { id: string; data: { id: string; data: RealtimeEvent } };
      if (data.id !== place) throw new Error(`a frame has two places: ${place} and ${data.id}`);
      return { place, event: data.data };
    });
  }

  /** The first answer on this id that is no event. */
  async answer(id: unknown): Promise<RawFrame> {
    return this.until(() => this.frames.find((frame) => frame.id === id && frame.result?.type !== "started"));
  }

  /** Waits for what arrives to make this true. @throws Error when the socket closes first */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      if (this.ws.readyState !== WebSocket.OPEN)
        throw new Error(`the socket closed first; it got ${this.texts.length} frames`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
      // Frames come in crowds: one look for all of a turn.
      await new Promise(setImmediate);
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  [Symbol.dispose](): void {
    this.ws.terminate();
  }
}
