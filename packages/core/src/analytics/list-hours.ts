import type { Core } from "../core.ts";
import { findHours, type HourTotals } from "./repository.ts";

export type { HourTotals };

/** Hours, UTC, in which something happened, the oldest first: from <= hour < to. */
export const listHours = ({ db }: Core, range: { from: Date; to: Date }): Promise<HourTotals[]> => findHours(db, range);
