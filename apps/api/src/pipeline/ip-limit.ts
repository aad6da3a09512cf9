import { ipKey } from "@echo/platform";
import { countRequest } from "./rate-limit.ts";
import type { Step } from "./step.ts";

/** Before any token is verified: the ceiling of an address, and the window of those who bring no token. */
export const ipLimit: Step = {
  name: "IP limit",
  install(app, deps) {
    const { ipCeiling, anonymous } = deps.core.config.limits;
    app.addHook("onRequest", async (request, reply) => {
      if (request.routeOptions.config.isExempt) return;
      const key = ipKey(request.door.ip);
      await countRequest(deps, ipCeiling, { request, reply, key });
      if (!request.door.hasCredential) await countRequest(deps, anonymous, { request, reply, key });
    });
  },
};
