export { countEvents, forgetEvents, rollupStride, rollupTopics } from "./count-events.ts";
export { getDay, type Totals } from "./get-day.ts";
export { type HourTotals, listHours } from "./list-hours.ts";
