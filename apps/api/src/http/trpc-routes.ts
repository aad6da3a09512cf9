import type { FastifyInstance } from "fastify";
import type { Deps } from "../pipeline/step.ts";
import { answerCalls } from "./answer-calls.ts";
import { serve } from "./routes.ts";

/** Procedures, and what ends them before their answer. */
export interface OpenCalls {
  /** Ends the calls that wait for news, so that a stop needs not wait for them. */
  abort(): void;
}

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
      const abort = () => controller.abort();
      request.signal.addEventListener("abort", abort);
      open.add(controller);
      try {
        return await answerCalls(deps, { request, reply, calls, signal: controller.signal });
      } finally {
        open.delete(controller);
        request.signal.removeEventListener("abort", abort);
      }
    },
  });
  return {
    abort() {
      for (const controller of open) controller.abort();
    },
  };
}
