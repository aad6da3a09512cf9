/** The part of a WebSocket that is used here: any implementation has it. */
export interface WebSocketLike {
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: { data: unknown } & never) => unknown) | null;
  onclose: ((event: { code: number } & never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(text: string): void;
  close(): void;
  /** In Node: without waiting for the other side. */
  terminate?(): void;
}

/** The option `WebSocket`: what opens a socket. */
export type WebSocketConstructor = new (url: string) => WebSocketLike;
