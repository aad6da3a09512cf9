import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { ErrorCode, Limiter } from "@echo/contracts";
import { type Health, httpStatusOfReady, refusalHeaders, systemIds, withoutChecks } from "@echo/platform";

export interface Refusal {
  status: 400 | 403 | 404 | 405 | 408 | 413 | 421 | 429 | 503;
  code: ErrorCode;
  message: string;
  retryAfterMs?: number;
  limiter?: Limiter;
}

interface HealthDoor {
  health: Health;
  isInternal: boolean;
  isAllowedHost(host: string | undefined): boolean;
  /** Until a request, or the one that asks for an upgrade, is there. */
  requestMs: number;
}

/** Serves the probes; whatever else comes by plain HTTP is told where it is. */
export function createHttpServer(door: HealthDoor): Server {
  const timeouts = {
    headersTimeout: door.requestMs,
    requestTimeout: door.requestMs,
    connectionsCheckingInterval: 1_000,
    requireHostHeader: false,
  };
  const server = createServer(timeouts, (req, res) => void serve(door, req, res));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
    else refuse(socket, faultOf(error.code));
  });
  return server;
}

/** What Node's parser refused before there was a request. */
function faultOf(code: string | undefined): Refusal {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return { status: 408, code: "TIMEOUT", message: "The request did not arrive in time" };
  }
  if (code === "HPE_HEADER_OVERFLOW") {
    return { status: 413, code: "PAYLOAD_TOO_LARGE", message: "The headers are larger than 16 KiB" };
  }
  return { status: 400, code: "BAD_REQUEST", message: "This is not an HTTP request" };
}

/** Resolves with the address; the port is the one that was taken when 0 was asked for. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.off("error", reject) && undefined));
  });
  const { address, family, port: taken } = server.address() as AddressInfo;
  return `${family === "IPv6" ? `[${address}]` : address}:${taken}`;
}

/** Answers before the handshake, and hangs up. */
export function refuse(socket: Duplex, refusal: Refusal): void {
  const { body, headers } = answerOf(refusal);
  const lines = Object.entries({ ...headers, Connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n${lines.join("")}\r\n${body}`);
}

export function pathOf(req: IncomingMessage): string {
  return (req.url ?? "").split("?", 1)[0] ?? "";
}

async function serve(door: HealthDoor, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const refusal = refusalOf(door, req);
  if (refusal) return send(req, res, { status: refusal.status, ...answerOf(refusal) });
  if (pathOf(req) === "/health") return send(req, res, { status: 200, ...jsonOf(door.health.live()) });
  const readiness = await door.health.ready();
  const body = door.isInternal ? readiness : withoutChecks(readiness);
  send(req, res, { status: httpStatusOfReady[readiness.status], ...jsonOf(body) });
}

function refusalOf(door: HealthDoor, req: IncomingMessage): Refusal | null {
  if (req.headers.host === undefined) {
    return { status: 400, code: "BAD_REQUEST", message: "The request has no Host header" };
  }
  if (!door.isAllowedHost(req.headers.host)) {
    return { status: 421, code: "BAD_REQUEST", message: "This server does not answer to that Host" };
  }
  if (!["/health", "/ready"].includes(pathOf(req))) {
    return { status: 404, code: "NOT_FOUND", message: "There is nothing here; the WebSocket is at /trpc" };
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
