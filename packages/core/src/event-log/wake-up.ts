import { z } from "zod";

/** Says on the bus that positions up to and with this one can be read. Readers that miss it look for themselves. */
export const logChannel = "log";
export const LogAdvanced = z.object({ v: z.literal(1), epoch: z.string(), position: z.int() });
export type LogAdvanced = z.infer<typeof LogAdvanced>;
