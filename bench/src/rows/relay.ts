import { openPipeline, type Pipeline } from "../echo/pipeline.ts";
import type { World } from "../echo/world.ts";
import type { Arena, Figures, Row } from "../harness/row.ts";
import { startBareKafka } from "../peers/start-bare-kafka.ts";
import { relayLog, watchSender } from "./relay-round.ts";

export const relay: Row = {
  name: "relay",
  measures:
    "events a second that the relay brings from a log that is full to new topics of Kafka, in a fresh process, and what memory it has, from when a tenth is there until all is; against a bare kafkajs producer that has the same records in memory and sends the same transactions of 1,000, each with an offset",
  stages: ({ isQuick }) => {
    const events = isQuick ? 10_000 : 100_000;
    return [{ label: `${events.toLocaleString("en")} events`, open: (world) => open(world, events) }];
  },
};

async function open(world: World, events: number): Promise<Arena> {
  const pipeline = await openPipeline(world, events);
  const { prefix: source } = await relayLog(pipeline);
  return {
    contestants: [
      { name: "Echo", round: async () => (await relayLog(pipeline)).figures },
      { name: "kafkajs", round: () => sendBare(pipeline, source) },
    ],
    close: pipeline.close,
  };
}

async function sendBare(pipeline: Pipeline, source: string): Promise<Figures> {
  const { events } = pipeline;
  const prefix = await pipeline.makeTopics();
  const bare = await startBareKafka(pipeline);
  try {
    await bare.ask("load", { prefix: source, events });
    const sending = bare.ask("send", { prefix });
    const count = () => bare.ask("sent", null);
    const [figures] = await Promise.all([watchSender({ pid: bare.pid, count }, events), sending]);
    return figures;
  } finally {
    await bare.stop();
  }
}
