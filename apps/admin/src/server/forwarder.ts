import type { IncomingMessage } from "node:http";
import { type Clock, createClientIp, createForwardedClientSigner, forwardedClientHeader } from "@echo/platform";
import type { ConsoleConfig } from "./config.ts";

/** Headers by which a client could pretend to be a proxy. */
const forwarding = /^(forwarded|x-forwarded-.+|x-real-ip)$/;

/**
 * Writes into a request who sent it: the TCP peer, or what a trusted proxy says of its own. Whatever the client wrote
 * there itself is gone, and the signature tells the API that it was the console who looked.
 */
export function createForwarder({ config, clock }: { config: ConsoleConfig; clock: Clock }) {
  const clientIp = createClientIp(config.trustedProxies);
  const sign = createForwardedClientSigner({ secret: config.secret, clock });
  return (req: IncomingMessage, ids: { requestId: string; correlationId: string }): void => {
    const ip = clientIp(req.socket.remoteAddress, req.headers["x-forwarded-for"]);
    for (const name of Object.keys(req.headers)) if (forwarding.test(name)) delete req.headers[name];
    delete req.headers.upgrade;
    req.headers["x-forwarded-for"] = ip;
    req.headers[forwardedClientHeader] = sign(ip);
    req.headers["x-request-id"] = ids.requestId;
    req.headers["x-correlation-id"] = ids.correlationId;
  };
}
