import { notFound } from "@echo/platform";
import { answerError } from "../http/answer-error.ts";
import type { Step } from "./step.ts";

/** Whatever is thrown from here on becomes an answer of the one shape, and the process lives. */
export const recovery: Step = {
  name: "recovery",
  install(app, { core }) {
    app.setErrorHandler((error, request, reply) => answerError(core.logger, error, { request, reply }));
    app.setNotFoundHandler(() => {
      throw notFound("There is nothing at this address");
    });
  },
};
