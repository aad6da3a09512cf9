import type { Pipeline } from "../echo/pipeline.ts";
import { throughputFigure } from "../harness/bars.ts";
import type { Figures } from "../harness/row.ts";
import { cpuSeconds } from "../processes/cpu-clock.ts";
import { residentBytes } from "../processes/resident-bytes.ts";
import { perSecondOf, untilDone } from "../processes/watch-progress.ts";

export const cpuPerEvent = "cpu us/event";

/** A process that brings the log to Kafka. */
interface Sender {
  pid: number;
  /** How many are there for good. */
  count(): number | Promise<number>;
}

/** From a tenth on: by then it has its connections, and its code is compiled. */
export async function watchSender({ pid, count }: Sender, events: number): Promise<Figures> {
  const from = await untilDone(count, events / 10);
  const [cpuBefore, bytesBefore] = [cpuSeconds([pid]), residentBytes(pid)];
  const to = await untilDone(count, events);
  const cpu = cpuSeconds([pid]) - cpuBefore;
  return {
    [throughputFigure]: perSecondOf(from, to),
    [cpuPerEvent]: (cpu / (to.done - from.done)) * 1e6,
    "MB at a tenth": bytesBefore / 2 ** 20,
    "MB at the end": residentBytes(pid) / 2 ** 20,
  };
}

/** Echo's relay, in a process of its own, brings the whole log to new topics. */
export async function relayLog(pipeline: Pipeline): Promise<{ prefix: string; figures: Figures }> {
  const prefix = await pipeline.makeTopics();
  await pipeline.resetRelay();
  const relay = await pipeline.startQueue(prefix);
  try {
    await relay.ask("relay", null);
    const figures = await watchSender({ pid: relay.pid, count: pipeline.countRelayed }, pipeline.events);
    await relay.ask("endRelay", null);
    return { prefix, figures };
  } finally {
    await relay.stop();
  }
}
