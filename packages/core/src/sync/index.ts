export type { Membership, Span } from "../membership/index.ts";
export { backfill } from "./backfill.ts";
export { type Cursor, formatCursor, parseCursor } from "./cursor.ts";
export type { Delivery, MembershipChange } from "./delivery.ts";
export { hydrate } from "./hydrate.ts";
export { isFor } from "./is-for.ts";
export { loadMemberships } from "./load-memberships.ts";
export { movedWatermarks } from "./moved-watermarks.ts";
export { countMissed } from "./read-missed.ts";
