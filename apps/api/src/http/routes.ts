import type { FastifyContextConfig, FastifyInstance, HTTPMethods, RouteHandlerMethod } from "fastify";
import { Refusal } from "./fault.ts";

export interface Address {
  url: string;
  methods: HTTPMethods[];
  config?: FastifyContextConfig;
  handler: RouteHandlerMethod;
}

const everyMethod: HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Serves one address; a method that it has not is told which ones there are (RFC 9110, 15.5.6). */
export function serve(app: FastifyInstance, { url, methods, handler, config = {} }: Address): void {
  app.route({ url, method: methods, handler, config, exposeHeadRoute: false });
  app.route({
    url,
    method: everyMethod.filter((method) => !methods.includes(method)),
    config,
    handler(request, reply) {
      reply.header("allow", methods.join(", "));
      throw new Refusal(405, `${request.method} is not answered here; use ${methods.join(" or ")}`);
    },
  });
}
