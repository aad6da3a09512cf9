import { type RealtimeEvent, SubscribeInput } from "@echo/contracts";
import { internal } from "@echo/platform";
import { type TrackedEnvelope, tracked } from "@trpc/server";
import { procedure, router } from "../trpc.ts";

export const eventsRouter = router({
  /** Its type; what it yields is served by the hub (attach.ts), which frames an event once for all sockets. */
  subscribe: procedure.input(SubscribeInput).subscription(async function* (): AsyncGenerator<
    TrackedEnvelope<RealtimeEvent>
  > {
    yield tracked("", await Promise.reject(internal("events.subscribe is served by the hub")));
  }),
});
