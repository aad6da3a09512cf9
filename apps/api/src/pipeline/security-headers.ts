import {
  badRequest,
  createClientIp,
  createHostCheck,
  securityHeaders as headers,
  isLoopback,
  strictTransportSecurity,
} from "@echo/platform";
import type { FastifyRequest } from "fastify";
import { Refusal } from "../http/fault.ts";
import type { Step } from "./step.ts";

/** Whether the browser's own connection is encrypted: ours is, or a trusted proxy says that its one is. */
function createTlsCheck(trustedProxies: readonly string[]): (request: FastifyRequest) => boolean {
  const clientIp = createClientIp(trustedProxies);
  const somebody = "192.0.2.1";
  return ({ socket, headers: { "x-forwarded-proto": proto } }) =>
    "encrypted" in socket || (proto === "https" && clientIp(socket.remoteAddress, somebody) === somebody);
}

/** Headers against what browsers may be tricked into, and on loopback the Host check against DNS rebinding. */
export const securityHeaders: Step = {
  name: "security headers",
  install(app, { config, isInternal }) {
    const isTls = createTlsCheck(config.trustedProxies);
    const isKnownHost = isInternal || isLoopback(config.host) ? createHostCheck(config.origins) : () => true;
    app.addHook("onRequest", (request, reply, done) => {
      reply.headers(headers);
      if (isTls(request)) reply.header("strict-transport-security", strictTransportSecurity);
      const { host } = request.headers;
      if (host === undefined) throw badRequest("The request has no Host header");
      if (!isKnownHost(host)) throw new Refusal(421, "This server does not answer under that host name");
      done();
    });
  },
};
