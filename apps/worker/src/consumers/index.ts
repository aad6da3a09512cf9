import type { ConsumeOptions } from "@echo/platform";
import { rollups } from "./rollups.ts";

/** Everybody who reads the log for what comes of it. */
export const consumers: readonly ConsumeOptions[] = [rollups];
