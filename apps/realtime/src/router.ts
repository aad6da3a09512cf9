import { authRouter } from "./commands/auth.ts";
import { eventsRouter } from "./commands/events.ts";
import { messagesRouter } from "./commands/messages.ts";
import { ping } from "./commands/ping.ts";
import { router } from "./trpc.ts";

export const realtimeRouter = router({ events: eventsRouter, messages: messagesRouter, auth: authRouter, ping });

/** The type that clients are made of. */
export type RealtimeRouter = typeof realtimeRouter;
