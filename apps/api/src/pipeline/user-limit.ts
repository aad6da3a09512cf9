import { ipKey } from "@echo/platform";
import { countRequest } from "./rate-limit.ts";
import type { Step } from "./step.ts";

/** A token that holds counts on its user, one that does not as anonymous; while none can be judged, the ceiling alone counts. */
export const userLimit: Step = {
  name: "user limit",
  install(app, deps) {
    const { user, anonymous } = deps.core.config.limits;
    app.addHook("onRequest", async (request, reply) => {
      const { actor, staff, refusal, ip, hasCredential } = request.door;
      if (request.routeOptions.config.isExempt || !hasCredential) return;
      const caller = actor?.userId ?? staff?.staffId;
      if (caller !== undefined) await countRequest(deps, user, { request, reply, key: caller });
      else if (refusal?.code !== "UNAVAILABLE") await countRequest(deps, anonymous, { request, reply, key: ipKey(ip) });
    });
  },
};
