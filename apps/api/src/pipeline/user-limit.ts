import { ipKey } from "@echo/platform";
import { countRequest } from "./rate-limit.ts";
import type { Step } from "./step.ts";

/** A token that holds counts on its user, one that does not as anonymous; while none can be judged, the ceiling alone counts. */
export const userLimit: Step = {
  name: "user limit",
  install(app, deps) {
    const { user, anonymous } = deps.core.config.limits;
    app.addHook("onRequest", async (request, reply) => {
      const { actor, refusal, ip } = request.door;
      if (request.routeOptions.config.isExempt || request.headers.authorization === undefined) return;
      if (actor !== null) await countRequest(deps, user, { request, reply, key: actor.userId });
      else if (refusal?.code !== "UNAVAILABLE") await countRequest(deps, anonymous, { request, reply, key: ipKey(ip) });
    });
  },
};
