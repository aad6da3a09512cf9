import type { Duplex } from "node:stream";
import { answerRaw, parserFaultOf, refusalHeaders, systemIds } from "@echo/platform";
import { errorData } from "./fault.ts";

/** Answers what Node's parser refused, before there was a request that Fastify could answer; then hangs up. */
export function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex): void {
  const fault = parserFaultOf(error, socket);
  if (fault === null) return;
  const requestId = systemIds.uuid();
  const body = JSON.stringify({ error: { message: fault.message, data: errorData(fault, requestId) } });
  const headers = {
    ...refusalHeaders,
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    "x-request-id": requestId,
  };
  answerRaw(socket, { status: fault.status, headers, body });
}
