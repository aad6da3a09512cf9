import { type Health, httpStatusOfReady, withoutChecks } from "@echo/platform";
import type { FastifyInstance } from "fastify";
import { serve } from "./routes.ts";

/** Probes of balancers and people; what is down, and how it says so, is for operators alone. */
export function serveHealth(app: FastifyInstance, health: Health, { isInternal }: { isInternal: boolean }): void {
  const probe = { methods: ["GET" as const, "HEAD" as const], config: { isExempt: true } };
  serve(app, { ...probe, url: "/health", handler: async (_request, reply) => reply.send(health.live()) });
  serve(app, {
    ...probe,
    url: "/ready",
    async handler(_request, reply) {
      const readiness = await health.ready();
      reply.code(httpStatusOfReady[readiness.status]);
      return reply.send(isInternal ? readiness : withoutChecks(readiness));
    },
  });
}
