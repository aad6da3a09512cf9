import type { FastifyContextConfig, FastifyInstance, RouteHandlerMethod } from "fastify";
import { Refusal } from "./fault.ts";

export interface Address {
  url: string;
  methods: string[];
  config?: FastifyContextConfig;
  handler: RouteHandlerMethod;
}

/** Serves one address; a method that it has not is told which ones there are (RFC 9110, 15.5.6). */
export function serve(app: FastifyInstance, { url, methods, handler, config = {} }: Address): void {
  app.route({ url, method: methods, handler, config, exposeHeadRoute: false });
  app.route({
    url,
    method: app.supportedMethods.filter((method) => !methods.includes(method)),
    config,
    handler(request, reply) {
      reply.header("allow", methods.join(", "));
      throw new Refusal(405, `${request.method} is not answered here; use ${methods.join(" or ")}`);
    },
  });
}
