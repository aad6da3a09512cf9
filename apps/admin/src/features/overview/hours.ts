import type { Overview } from "@echo/contracts";

/** Messages by hour, oldest first. */
export type Hours = Overview["hours"];
