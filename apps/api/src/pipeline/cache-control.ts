import type { Step } from "./step.ts";

/** Answers belong to one person and hold tokens or messages: nothing keeps them, but for the public keys. */
export const cacheControl: Step = {
  name: "cache control",
  install(app) {
    app.addHook("onSend", async (request, reply) => {
      const maxAge = reply.statusCode === 200 ? request.routeOptions.config?.maxAgeSeconds : undefined;
      reply.header("cache-control", maxAge === undefined ? "no-store" : `public, max-age=${maxAge}`);
    });
  },
};
