import type { Step } from "./step.ts";

export const receivedLog: Step = {
  name: "received log",
  install(app, { core }) {
    app.addHook("onRequest", (request, _reply, done) => {
      core.logger.debug("request received", { method: request.method, path: pathOf(request.url), ip: request.door.ip });
      done();
    });
  },
};

/** Without the query: inputs hold what people wrote. */
export const pathOf = (url: string): string => url.split("?", 1)[0] ?? "";
