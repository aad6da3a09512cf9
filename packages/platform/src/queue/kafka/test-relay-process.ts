import { armKillPoint, type KillAt } from "../../lifecycle/kill-point.ts";
import { openTestQueue } from "../queue-harness.ts";

const [options = "", killAt = "null"] = process.argv.slice(2);
armKillPoint(JSON.parse(killAt) as KillAt | null);
const { queue } = await openTestQueue(JSON.parse(options) as Parameters<typeof openTestQueue>[0]);
queue.relay();
