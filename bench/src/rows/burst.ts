import type { Row } from "../harness/row.ts";
import { type CpuStage, cpuStage, redisCpuStage } from "./cpu-row.ts";

const ticksPerSecond = 5;

const stageOf = (sockets: number, seconds: number): CpuStage => ({
  sockets,
  plan: { ticks: seconds * ticksPerSecond, ticksPerSecond, eventsPerTick: 8 },
  peers: ["raw ws"],
});

export const burst: Row = {
  name: "burst",
  measures:
    "CPU of the process that holds the sockets, per 100,000 deliveries: eight events at once to everybody, five times a second; raw ws sends eight times",
  stages({ isQuick, redis }) {
    const stage = isQuick ? stageOf(500, 2) : stageOf(1_000, 4);
    return [cpuStage(stage), ...(redis ? [redisCpuStage(stage)] : [])];
  },
};
