import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode } from "@echo/contracts";
import { answerRaw, parserFaultOf, refusalHeaders, systemIds } from "@echo/platform";

/** Why a request is not served, in the shape of the API's errors. */
export interface Refusal {
  status: 400 | 404 | 405 | 411 | 413 | 421 | 500;
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

export function bodyOf({ code, message }: Pick<Refusal, "code" | "message">, requestId: string): object {
  return { error: { message, data: { code, message, requestId } } };
}

/** Answers what Node's parser refused, before there was a request; then hangs up. */
export function refuseRaw(error: NodeJS.ErrnoException, socket: Duplex): void {
  const fault = parserFaultOf(error, socket);
  if (fault === null) return;
  const requestId = systemIds.uuid();
  const body = JSON.stringify(bodyOf(fault, requestId));
  const headers = {
    ...refusalHeaders,
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-request-id": requestId,
  };
  answerRaw(socket, { status: fault.status, headers, body });
}
