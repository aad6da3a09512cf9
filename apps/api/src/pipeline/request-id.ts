import type { IncomingMessage } from "node:http";
import {
  acceptedId,
  createClientIp,
  createForwardedClientReader,
  forwardedClientHeader,
  systemIds,
} from "@echo/platform";
import type { FastifyRequest } from "fastify";
import { type Calls, callsOf, isConsoleCall } from "../http/calls.ts";
import { consoleCookieOf } from "../http/console-cookie.ts";
import type { Door } from "../http/door.ts";
import { searchOf } from "../http/judged-request.ts";
import type { Step } from "./step.ts";

/** Fastify asks for it before any hook, for malformed addresses too. */
export const requestIdOf = (req: Pick<IncomingMessage, "headers">): string =>
  acceptedId(req.headers["x-request-id"]) ?? systemIds.uuid();

function callsIn(request: FastifyRequest): Calls | null {
  if (!request.routeOptions.config.isTrpc) return null;
  const { "*": path = "" } = request.params as { "*"?: string };
  return callsOf(path, searchOf(request.url));
}

export const requestId: Step = {
  name: "request id",
  install(app, { core, config }) {
    const clientIp = createClientIp(config.trustedProxies);
    const readForwarded = createForwardedClientReader({ ...core.config, clock: core.clock });
    const cookie = consoleCookieOf(core.config.consoleUrl);
    app.addHook("onRequest", (request, reply, done) => {
      const { headers, socket } = request;
      const calls = callsIn(request);
      const isConsole = calls !== null && isConsoleCall(calls);
      const consoleToken = isConsole ? cookie.read(headers.cookie) : null;
      const forwarded = isConsole ? readForwarded(headers[forwardedClientHeader]) : null;
      const door: Door = {
        requestId: request.id,
        correlationId: request.id,
        ip: forwarded ?? clientIp(socket.remoteAddress, headers["x-forwarded-for"]),
        startedAt: core.clock.monotonicMs(),
        calls,
        isConsole,
        actor: null,
        staff: null,
        consoleToken,
        hasCredential: isConsole ? consoleToken !== null : headers.authorization !== undefined,
        refusal: null,
      };
      request.door = door;
      reply.header("x-request-id", request.id);
      done();
    });
  },
};
