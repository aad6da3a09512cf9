import { createOriginCheck } from "@echo/platform";
import type { Step } from "./step.ts";

const exposed = [
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "RateLimit-Reset",
  "Retry-After",
  "X-Request-ID",
  "X-Correlation-ID",
  "X-API-Version",
].join(", ");
const preflight = {
  "access-control-allow-methods": "GET, POST",
  "access-control-allow-headers": "authorization, content-type, trpc-accept, x-correlation-id, x-request-id",
  "access-control-max-age": "7200",
};

/**
 * Tells browsers which pages may read answers. A page of no listed origin gets no header, and its request runs: CORS
 * protects the reader, tokens protect Echo. The console's procedures are for its own origin, which needs none. Preflights
 * end here, before anything counts them.
 */
export const cors: Step = {
  name: "CORS",
  install(app, { config, isInternal }) {
    if (isInternal) return;
    const isListedOrigin = createOriginCheck(config.origins);
    app.addHook("onRequest", (request, reply, done) => {
      const { origin } = request.headers;
      reply.header("vary", "Origin");
      const isListed = origin !== undefined && !request.door.isConsole && isListedOrigin(origin);
      if (isListed) reply.headers({ "access-control-allow-origin": origin, "access-control-expose-headers": exposed });
      const isPreflight =
        request.method === "OPTIONS" && request.headers["access-control-request-method"] !== undefined;
      if (!isPreflight) return done();
      if (isListed) reply.headers(preflight);
      reply.code(204).send();
    });
  },
};
