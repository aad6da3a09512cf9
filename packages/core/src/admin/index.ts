export { getOverview } from "./get-overview.ts";
export { watchHubNodes } from "./hub-nodes.ts";
