import type { Row } from "../harness/row.ts";
import { type CpuStage, cpuStage, redisCpuStage } from "./cpu-row.ts";

const deliveriesPerSecond = 20_000;

const stageOf = (sockets: number, seconds: number): CpuStage => ({
  sockets,
  plan: {
    ticks: Math.round((seconds * deliveriesPerSecond) / sockets),
    ticksPerSecond: deliveriesPerSecond / sockets,
    eventsPerTick: 1,
  },
  peers: ["raw ws", "Socket.IO", "stock tRPC"],
});

export const fanOut: Row = {
  name: "fan-out",
  measures:
    "CPU of the process that holds the sockets, per 100,000 deliveries: one event at a time to everybody, 20,000 deliveries a second",
  stages({ isQuick, redis }) {
    const stages = isQuick ? [stageOf(500, 1)] : [1_000, 2_500, 5_000].map((sockets) => stageOf(sockets, 3));
    return [...stages.map(cpuStage), ...(redis ? stages.slice(0, 1).map(redisCpuStage) : [])];
  },
};
