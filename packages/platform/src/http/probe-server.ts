import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ErrorCode, Limiter } from "@echo/contracts";
import { type Health, httpStatusOfReady, withoutChecks } from "../health/health.ts";
import { systemIds } from "../ids/ids.ts";
import { answerRaw, type ParserFault, parserFaultOf } from "./raw-answer.ts";
import { refusalHeaders } from "./security-headers.ts";

export interface Refusal {
  status: ParserFault["status"] | 403 | 404 | 405 | 421 | 429 | 503;
  code: ErrorCode;
  message: string;
  retryAfterMs?: number;
  limiter?: Limiter;
}

export interface ProbeDoor {
  health: Health;
  /** What is checked is told on internal ports alone. */
  isInternal: boolean;
  isAllowedHost(host: string | undefined): boolean;
  /** For whoever asks for anything else. */
  nothingHere: string;
  /** Until a request, or the one that asks for an upgrade, is there. */
  requestMs: number;
}

/** Serves the probes; whatever else comes by plain HTTP is told where it is. */
export function createProbeServer(door: ProbeDoor): Server {
  const timeouts = {
    headersTimeout: door.requestMs,
    requestTimeout: door.requestMs,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
  };
  const server = createServer(timeouts, (req, res) => void serve(door, req, res));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const fault = parserFaultOf(error, socket);
    if (fault !== null) refuse(socket, fault);
  });
  return server;
}

/** Answers before the handshake, and hangs up. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  const { body, headers } = answerOf(refusal);
  answerRaw(socket, { status: refusal.status, headers, body });
}

export function pathOf(req: IncomingMessage): string {
  return (req.url ?? "").split("?", 1)[0] ?? "";
}

async function serve(door: ProbeDoor, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const refusal = refusalOf(door, req);
  if (refusal) return send(req, res, { status: refusal.status, ...answerOf(refusal) });
  if (pathOf(req) === "/health") return send(req, res, { status: 200, ...jsonOf(door.health.live()) });
  const readiness = await door.health.ready();
  const body = door.isInternal ? readiness : withoutChecks(readiness);
  send(req, res, { status: httpStatusOfReady[readiness.status], ...jsonOf(body) });
}

function refusalOf(door: ProbeDoor, req: IncomingMessage): Refusal | null {
  if (req.headers.host === undefined) {
    return { status: 400, code: "BAD_REQUEST", message: "The request has no Host header" };
  }
  if (!door.isAllowedHost(req.headers.host)) {
    return { status: 421, code: "BAD_REQUEST", message: "This server does not answer to that Host" };
  }
  if (!["/health", "/ready"].includes(pathOf(req))) {
    return { status: 404, code: "NOT_FOUND", message: door.nothingHere };
  }
  if (req.method === "GET" || req.method === "HEAD") return null;
  return { status: 405, code: "BAD_REQUEST", message: `${req.method} is not answered here: use GET or HEAD` };
}

interface Answer {
  status: number;
  body: string;
  headers: Record<string, string>;
}

function send(req: IncomingMessage, res: ServerResponse, { status, body, headers }: Answer): void {
  res.writeHead(status, headers);
  res.end(req.method === "HEAD" ? undefined : body);
}

function answerOf({ status, code, message, retryAfterMs, limiter }: Refusal): Omit<Answer, "status"> {
  const requestId = systemIds.uuid();
  const limit = retryAfterMs === undefined ? {} : { retryAfterMs, limiter };
  const answer = jsonOf({ error: { message, data: { code, message, requestId, ...limit } } });
  Object.assign(answer.headers, { "X-Request-ID": requestId }, status === 405 ? { Allow: "GET, HEAD" } : {});
  if (retryAfterMs !== undefined) answer.headers["Retry-After"] = String(Math.ceil(retryAfterMs / 1_000));
  return answer;
}

function jsonOf(value: object): Omit<Answer, "status"> {
  const body = JSON.stringify(value);
  const about = {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
  };
  return { body, headers: { ...refusalHeaders, ...about, "X-Request-ID": systemIds.uuid() } };
}
