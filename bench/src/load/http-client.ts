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
    if (!isComplete(this.#text)) return;
    const status = Number(this.#text.slice(9, 12));
    this.#text = "";
    this.#waiting?.resolve(status);
  }
}

/** Whether an answer is all there, by its length or by its last chunk. */
function isComplete(text: string): boolean {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return false;
  const head = text.slice(0, headEnd);
  const bytes = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  return bytes === undefined ? text.endsWith("\r\n0\r\n\r\n") : text.length >= headEnd + 4 + Number(bytes);
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
