import { Pong } from "@echo/contracts";
import { procedure } from "../trpc.ts";

export const ping = procedure.output(Pong).query(({ ctx }) => ({ serverTime: ctx.core.clock.now().toISOString() }));
