import { METHODS } from "node:http";
import Fastify, { type FastifyInstance } from "fastify";
import { answerError } from "./http/answer-error.ts";
import { refuseRaw } from "./http/raw-refusal.ts";
import { requestIdOf } from "./pipeline/request-id.ts";
import type { Deps } from "./pipeline/step.ts";

const checkEveryMs = 1_000;

export interface ServerDeps extends Deps {
  stopping: AbortSignal;
}

/**
 * A server that answers in Echo's shapes whatever arrives; what it serves is hung into it afterwards. Once `stopping` is
 * aborted, each connection is told to close with its next answer.
 */
export function createServer({ core, config, stopping }: ServerDeps): FastifyInstance {
  const app = Fastify({
    genReqId: requestIdOf,
    logger: false,
    bodyLimit: config.maxBodyBytes,
    // A request must have arrived within it; Node looks every `connectionsCheckingInterval`, by default every 30 s.
    requestTimeout: config.timeouts.requestMs,
    http: {
      headersTimeout: config.timeouts.headersMs,
      connectionsCheckingInterval: checkEveryMs,
      // Node would refuse it without a word; the Host check says why.
      requireHostHeader: false,
    },
    // What was sent on a connection that is about to close still gets its answer.
    return503OnClosing: false,
    routerOptions: { maxParamLength: 4_096 },
    clientErrorHandler: refuseRaw,
    frameworkErrors: (error, request, reply) => answerError(core.logger, error, { request, reply }),
  });
  // Those that Fastify does not know would be told that the address is not there.
  const unknown = METHODS.filter((method) => method !== "CONNECT" && !app.supportedMethods.includes(method));
  for (const method of unknown) app.addHttpMethod(method);
  app.addHook("onSend", async (_request, reply) => {
    if (stopping.aborted) reply.header("connection", "close");
  });
  return app;
}
