import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "@echo/contracts";
import { refusalHeaders, systemIds } from "@echo/platform";

/** Why a request is not served, in the shape of the API's errors. */
export interface Refusal {
  status: 400 | 404 | 405 | 408 | 411 | 413 | 421 | 500;
  code: ErrorCode;
  message: string;
  headers?: Record<string, string>;
}

export function sendJson(
  { req, res }: { req: IncomingMessage; res: ServerResponse },
  status: number,
  value: object,
): void {
  const body = JSON.stringify(value);
  res.writeHead(status, {
    ...refusalHeaders,
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
  });
  res.end(req.method === "HEAD" ? undefined : body);
}

export function bodyOf({ code, message }: Refusal, requestId: string): object {
  return { error: { message, data: { code, message, requestId } } };
}

const notHttp: Refusal = { status: 400, code: "BAD_REQUEST", message: "This is not an HTTP request" };
const parserFaults: Record<string, Refusal> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: "TIMEOUT", message: "The request did not arrive in time" },
  HPE_HEADER_OVERFLOW: { status: 413, code: "PAYLOAD_TOO_LARGE", message: "The headers are larger than 16 KiB" },
};

/** Answers what Node's parser refused, before there was a request; then hangs up. */
export function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = parserFaults[error.code ?? ""] ?? notHttp;
  const requestId = systemIds.uuid();
  const body = JSON.stringify(bodyOf(refusal, requestId));
  const headers = {
    ...refusalHeaders,
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-request-id": requestId,
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join("")}\r\n${body}`);
}
