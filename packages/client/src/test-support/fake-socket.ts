import type { WebSocketLike } from "../realtime/web-socket-like.ts";

/** A socket without a network: the test is the server. */
export class FakeSocket implements WebSocketLike {
  onopen: WebSocketLike["onopen"] = null;
  onmessage: WebSocketLike["onmessage"] = null;
  onclose: WebSocketLike["onclose"] = null;
  onerror: WebSocketLike["onerror"] = null;
  readonly url: string;
  readonly sent: string[] = [];
  isClosed = false;

  constructor(url: string) {
    this.url = url;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  open(): void {
    this.onopen?.({} as never);
  }

  hear(message: unknown): void {
    const data = typeof message === "string" ? message : JSON.stringify(message);
    this.onmessage?.({ data } as never);
  }

  closeWith(code: number): void {
    this.isClosed = true;
    this.onclose?.({ code } as never);
  }

  /** The first event of a subscription. */
  acknowledge(cursor: string, heartbeatMs = 45_000): void {
    const data = { connectionId: "c", serverTime: "", cursor, heartbeatMs };
    this.hear({ id: 1, result: { type: "started" } });
    this.hear({
      id: 1,
      result: { type: "data", id: cursor, data: { id: cursor, data: eventOf("connection.ack", data) } },
    });
  }

  /** What the client asked for last. */
  get last(): { id: number; method: string; params: { path: string; input: Record<string, unknown> } } {
    return JSON.parse(this.sent.at(-1) ?? "{}");
  }
}

const eventOf = (type: string, data: unknown) => ({ type, at: "2026-11-25T00:00:00.000Z", data });
