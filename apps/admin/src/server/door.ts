import { AsyncResource } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  acceptedId,
  type Clock,
  type Health,
  httpStatusOfReady,
  type Logger,
  securityHeaders,
  strictTransportSecurity,
  systemIds,
  withoutChecks,
  withRequestContext,
} from "@echo/platform";
import { bodyOf, type Refusal, sendJson } from "./answers.ts";
import type { ConsoleConfig } from "./config.ts";
import { createForwarder } from "./forwarder.ts";
import { createJudge, pathOf, type Verdict } from "./judge-request.ts";

export interface DoorOptions {
  config: ConsoleConfig;
  logger: Logger;
  clock: Clock;
  health: Health;
  /** Next's handler. */
  page(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

interface Exchange {
  req: IncomingMessage;
  res: ServerResponse;
  requestId: string;
}

/** What every request meets before Next: an id, headers, the judge, and the address that it came from. */
export function createDoor(options: DoorOptions): (req: IncomingMessage, res: ServerResponse) => void {
  const { config } = options;
  const judge = createJudge(config);
  const forward = createForwarder(options);
  const isHttps = config.consoleUrl.startsWith("https:");
  const headers = isHttps
    ? { ...securityHeaders, "strict-transport-security": strictTransportSecurity }
    : securityHeaders;
  return (req, res) => {
    const requestId = acceptedId(req.headers["x-request-id"]) ?? systemIds.uuid();
    const correlationId = acceptedId(req.headers["x-correlation-id"]) ?? requestId;
    withRequestContext({ requestId, correlationId }, () => {
      for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
      keepInside(res);
      res.setMaxListeners(listenersAtMost);
      res.setHeader("x-request-id", requestId);
      logWhenDone(options, { req, res, requestId });
      const verdict = judge(req);
      forward(req, { requestId, correlationId });
      void answer(options, { req, res, requestId }, verdict);
    });
  };
}

async function answer(options: DoorOptions, exchange: Exchange, verdict: Verdict): Promise<void> {
  const { req, res } = exchange;
  switch (verdict.kind) {
    case "refuse":
      return refuse(exchange, verdict.refusal);
    case "redirect":
      res.writeHead(307, { location: verdict.location, "cache-control": "no-store" }).end();
      return;
    case "probe":
      return answerProbe(options.health, exchange, verdict.path);
    case "serve":
      try {
        await options.page(req, res);
      } catch (error) {
        failed(options.logger, exchange, error);
      }
  }
}

/** Next hangs a listener on it for everything that it does with a request, which Node takes for a leak at eleven. */
const listenersAtMost = 32;

/** Next would tell the browser where the API is. */
function keepInside(res: ServerResponse): void {
  const setHeader = res.setHeader.bind(res);
  res.setHeader = (name, value) => (name.toLowerCase() === "x-middleware-rewrite" ? res : setHeader(name, value));
}

function refuse({ req, res, requestId }: Exchange, refusal: Refusal): void {
  for (const [name, value] of Object.entries(refusal.headers ?? {})) res.setHeader(name, value);
  sendJson({ req, res }, refusal.status, bodyOf(refusal, requestId));
}

async function answerProbe(health: Health, exchange: Exchange, path: "/health" | "/ready"): Promise<void> {
  if (path === "/health") return sendJson(exchange, 200, health.live());
  const readiness = await health.ready();
  sendJson(exchange, httpStatusOfReady[readiness.status], withoutChecks(readiness));
}

/** Next answers for its own pages; what reaches us is a call that could not be passed on, or a fault of Next. */
function failed(logger: Logger, exchange: Exchange, error: unknown): void {
  logger.error("request failed", { error });
  if (exchange.res.headersSent) exchange.res.destroy();
  else refuse(exchange, { status: 500, code: "INTERNAL", message: "Internal server error" });
}

function logWhenDone({ logger, clock }: DoorOptions, { req, res }: Exchange): void {
  const startedAt = clock.monotonicMs();
  // Assets are many and tell nothing.
  const level = pathOf(req).startsWith("/_next/") ? "debug" : "info";
  const { method } = req;
  const path = pathOf(req);
  const log = (): void => {
    const durationMs = Math.round(clock.monotonicMs() - startedAt);
    logger[level]("request completed", { method, path, status: res.statusCode, durationMs });
  };
  // The event comes from the socket, outside of the request's context.
  res.once("close", AsyncResource.bind(log));
}
