import type { Duplex } from "node:stream";
import { refusalHeaders, systemIds } from "@echo/platform";
import { errorData, type Fault } from "./fault.ts";

const reasons: Record<number, string> = { 400: "Bad Request", 408: "Request Timeout", 413: "Payload Too Large" };

function faultOf(code: string | undefined): Fault {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { status: 408, code: "TIMEOUT", message: "The request did not arrive in time" };
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return { status: 413, code: "PAYLOAD_TOO_LARGE", message: "The headers are larger than 16 KiB" };
  }
  return { status: 400, code: "BAD_REQUEST", message: "This is not an HTTP request" };
}

/** Answers what Node's parser refused, before there was a request that Fastify could answer; then hangs up. */
export function refuseRaw(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const fault = faultOf(error.code);
  const requestId = systemIds.uuid();
  const body = JSON.stringify({ error: { message: fault.message, data: errorData(fault, requestId) } });
  const headers = {
    ...refusalHeaders,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-request-id": requestId,
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${fault.status} ${reasons[fault.status]}\r\n${lines.join("")}\r\n${body}`);
}
