import { pathOf } from "./received-log.ts";
import type { Step } from "./step.ts";

export const completedLog: Step = {
  name: "completed log",
  install(app, { core }) {
    app.addHook("onResponse", (request, reply, done) => {
      core.logger.info("request completed", {
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        durationMs: Math.round(core.clock.monotonicMs() - request.door.startedAt),
      });
      done();
    });
  },
};
