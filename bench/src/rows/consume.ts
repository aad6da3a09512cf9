import { randomBytes } from "node:crypto";
import { openPipeline, type Pipeline } from "../echo/pipeline.ts";
import type { World } from "../echo/world.ts";
import { throughputFigure } from "../harness/bars.ts";
import type { Arena, Contestant, Row } from "../harness/row.ts";
import { startBareKafka } from "../peers/start-bare-kafka.ts";
import { cpuSeconds } from "../processes/cpu-clock.ts";
import { cpuPerEvent, relayLog } from "./relay-round.ts";

export const consume: Row = {
  name: "consume",
  measures:
    "events a second from topics that are full to a table, a row each, from joining a new group until all is handled: a consumer of Echo's queue, which inserts a batch by one statement, against a bare kafkajs consumer with one insert and one commit a batch; beside them the same consumer of Echo's on the log itself",
  stages: ({ isQuick }) => {
    const events = isQuick ? 10_000 : 100_000;
    return [{ label: `${events.toLocaleString("en")} events`, open: (world) => open(world, events) }];
  },
};

interface Taker {
  name: string;
  pid: number;
  /** Everything; answers the milliseconds that it took. */
  consume(): Promise<number>;
  stop(): Promise<void>;
}

async function open(world: World, events: number): Promise<Arena> {
  const pipeline = await openPipeline(world, events);
  const { prefix } = await relayLog(pipeline);
  const bare = await startBareKafka(pipeline);
  const takers: Taker[] = [
    await startEcho(pipeline, { name: "Echo", prefix }),
    { name: "kafkajs", pid: bare.pid, consume: () => bare.ask("consume", { prefix, events }), stop: bare.stop },
    await startEcho(pipeline, { name: "Echo without Kafka", prefix: null }),
  ];
  const contestants = takers.map((taker) => contestantOf(taker, pipeline));
  // Until the code is compiled.
  for (const { round } of contestants) await round();
  return {
    contestants,
    async close() {
      for (const { stop } of takers) await stop();
      await pipeline.close();
    },
  };
}

async function startEcho(
  pipeline: Pipeline,
  { name, prefix }: { name: string; prefix: string | null },
): Promise<Taker> {
  const { events } = pipeline;
  const queue = await pipeline.startQueue(prefix);
  const newGroup = () => `bench-${randomBytes(4).toString("hex")}`;
  return { name, pid: queue.pid, consume: () => queue.ask("consume", { group: newGroup(), events }), stop: queue.stop };
}

function contestantOf({ name, pid, consume }: Taker, { events, emptyTable, countRows }: Pipeline): Contestant {
  return {
    name,
    async round() {
      await emptyTable();
      const cpuBefore = cpuSeconds([pid]);
      const ms = await consume();
      const cpu = cpuSeconds([pid]) - cpuBefore;
      const rows = await countRows();
      if (rows !== events) throw new Error(`${name} wrote ${rows} rows of ${events}`);
      return { [throughputFigure]: (events * 1_000) / ms, [cpuPerEvent]: (cpu / events) * 1e6 };
    },
  };
}
