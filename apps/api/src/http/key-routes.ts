import type { FastifyInstance } from "fastify";
import type { Deps } from "../pipeline/step.ts";
import { serve } from "./routes.ts";

/** A revoked key is refused everywhere within 30 s (docs/security.md), so nobody keeps the list longer. */
const maxAgeSeconds = 30;

/** The public keys that verify access tokens now (RFC 7517). */
export function serveKeys(app: FastifyInstance, { core }: Deps): void {
  serve(app, {
    url: "/.well-known/jwks.json",
    methods: ["GET", "HEAD"],
    config: { isExempt: true, maxAgeSeconds },
    handler: async (_request, reply) => reply.type("application/jwk-set+json").send(await core.ports.keys.jwks()),
  });
}
