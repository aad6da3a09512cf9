import { withTimeout } from "@echo/platform";
import type { FastifyInstance } from "fastify";
import type { Deps } from "../pipeline/step.ts";
import { answerCalls } from "./answer-calls.ts";
import { serve } from "./routes.ts";

/** Procedures that were asked for and not answered yet. */
export interface OpenCalls {
  /** Ends those that wait for news, so that a stop needs not wait for them. */
  abort(): void;
}

/**
 * The address of procedures. A call ends when its client goes, when its time is up, or when the server stops. Fastify's own
 * `request.signal` and `handlerTimeout` look at the request's `close`, which Node emits as soon as a body was read.
 */
export function serveTrpc(app: FastifyInstance, deps: Deps): OpenCalls {
  const open = new Set<AbortController>();
  serve(app, {
    url: "/trpc/*",
    methods: ["GET", "POST"],
    config: { isTrpc: true },
    async handler(request, reply) {
      const { calls } = request.door;
      if (calls === null) return reply.callNotFound();
      const controller = new AbortController();
      reply.raw.once("close", () => {
        if (!reply.raw.writableFinished) controller.abort();
      });
      open.add(controller);
      try {
        const answer = answerCalls(deps, { request, reply, calls, signal: controller.signal });
        return await withTimeout(answer, deps.config.timeouts.requestMs, "The request took too long");
      } catch (error) {
        controller.abort();
        throw error;
      } finally {
        open.delete(controller);
      }
    },
  });
  return {
    abort() {
      for (const controller of open) controller.abort();
    },
  };
}
