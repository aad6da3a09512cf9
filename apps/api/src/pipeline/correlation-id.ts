import { acceptedId, withRequestContext } from "@echo/platform";
import type { Step } from "./step.ts";

/** One id for all requests that one act of a person caused; from here on every log line carries both. */
export const correlationId: Step = {
  name: "correlation id",
  install(app) {
    app.addHook("onRequest", (request, reply, done) => {
      request.door.correlationId = acceptedId(request.headers["x-correlation-id"]) ?? request.id;
      reply.header("x-correlation-id", request.door.correlationId);
      withRequestContext({ requestId: request.id, correlationId: request.door.correlationId }, done);
    });
  },
};
