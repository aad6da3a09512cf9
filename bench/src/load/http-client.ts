import { connect, type Socket } from "node:net";

/** One connection that is kept alive; it sends a request once the last one was answered. */
export class HttpClient {
  readonly #socket: Socket;
  #text = "";
  #waiting: { resolve(status: number): void; reject(error: Error): void } | null = null;

  constructor(port: number) {
    this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    this.#socket.on("data", (chunk) => this.#receive(chunk));
    this.#socket.on("error", (error) => this.#waiting?.reject(error));
    this.#socket.on("close", () => this.#waiting?.reject(new Error("The server closed the connection")));
  }

  /** Answers the status. */
  ask(request: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#text += chunk.toString("latin1");
    const headEnd = this.#text.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const bytes = Number(/\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, headEnd))?.[1] ?? Number.NaN);
    if (Number.isNaN(bytes)) {
      this.#waiting?.reject(new Error(`An answer without its length: ${this.#text.slice(0, 200)}`));
    } else if (this.#text.length >= headEnd + 4 + bytes) {
      const status = Number(this.#text.slice(9, 12));
      this.#text = "";
      this.#waiting?.resolve(status);
    }
  }
}

interface PostOptions {
  path: string;
  port: number;
  headers?: readonly string[];
  body: string;
}

export function postRequest({ path, port, headers = [], body }: PostOptions): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

export const getRequest = (path: string, port: number, headers: readonly string[] = []): string =>
  `${[`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers].join("\r\n")}\r\n\r\n`;
