import type { Step } from "./step.ts";

export const apiVersion: Step = {
  name: "version",
  install(app) {
    app.addHook("onSend", async (_request, reply) => {
      reply.header("x-api-version", "1");
    });
  },
};
