import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "@echo/contracts";

/** What Node's parser refused before there was a request. */
export interface ParserFault {
  status: 400 | 408 | 413;
  code: ErrorCode;
  message: string;
}

const notHttp: ParserFault = { status: 400, code: "BAD_REQUEST", message: "This is not an HTTP request" };
const faults: Readonly<Record<string, ParserFault>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "TIMEOUT", message: "The request did not arrive in time" },
  HPE_HEADER_OVERFLOW: { status: 413, code: "PAYLOAD_TOO_LARGE", message: "The headers are larger than 16 KiB" },
};

/**
 * For a server's `clientError`: the answer to what its parser refused. Null: nobody is there to hear one, and the socket is
 * destroyed.
 */
export function parserFaultOf(error: NodeJS.ErrnoException, socket: Duplex): ParserFault | null {
  if (error.code !== "ECONNRESET" && socket.writable) return faults[error.code ?? ""] ?? notHttp;
  socket.destroy();
  return null;
}

/** Answers on a socket that has no request yet, or none of ours; then hangs up. */
export function answerRaw(
  socket: Duplex,
  { status, headers, body }: { status: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}connection: close\r\n\r\n${body}`);
}
