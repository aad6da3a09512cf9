export { countEvents, rollupTopics } from "./count-events.ts";
export { getDay, type Totals } from "./get-day.ts";
