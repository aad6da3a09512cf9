import { badRequest, forbidden } from "@echo/platform";
import type { FastifyRequest } from "fastify";
import { wantsStream } from "../http/judged-request.ts";
import type { Step } from "./step.ts";

/**
 * Against pages of other origins that would act with a member of staff's cookie. What changes something must come from
 * the console's own page: a header that no form can send, the exact origin, and what the browser says of the sender.
 * `same-site` is not enough: cookies ignore ports. Browsers that send no Sec-Fetch-Site are judged by the origin alone.
 */
export const consoleGuard: Step = {
  name: "console guard",
  install(app, { core }) {
    app.addHook("onRequest", (request, _reply, done) => {
      const { isConsole, calls } = request.door;
      if (isConsole) requireConsolePage(request, core.config.consoleUrl);
      // The head of a stream is gone before a sign-in could put its cookie there.
      if (isConsole && calls && wantsStream(request, calls)) {
        throw badRequest("Calls of the console are not streamed: ask without trpc-accept");
      }
      done();
    });
  },
};

function requireConsolePage({ method, headers }: FastifyRequest, consoleUrl: string): void {
  const site = headers["sec-fetch-site"];
  const isFromItself = site === undefined || site === "same-origin" || (site === "none" && method === "GET");
  if (!isFromItself) throw forbidden("Only the console's own pages may call this");
  if (method === "GET") return;
  if (headers["x-echo-console"] !== "1") throw forbidden("A call of the console carries the header X-Echo-Console: 1");
  if (headers.origin !== consoleUrl) throw forbidden("Only the console's own pages may call this");
}
