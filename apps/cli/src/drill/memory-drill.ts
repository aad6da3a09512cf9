import type { Plan } from "../replay/plan.ts";
import { isFlawless } from "../replay/report.ts";
import { runReplay } from "../replay/run-replay.ts";
import type { ScratchStack } from "../replay/scratch-stack.ts";
import { type ProcessSize, watchMemory } from "./memory-watch.ts";

const warmMs = 60_000;
/** Redis is away for so long, and there for so long; the first minute has an outage, too. */
const outageMs = 30_000;

export interface MemoryDrillOptions {
  plan: Plan;
  durationMs: number;
  /** A line for whoever watches, once a replay. */
  note(line: string): void;
}

export interface MemoryDrillReport {
  processes: ProcessSize[];
  replays: number;
  /** Replays in which something was lost, doubled, late for ever or out of order. */
  faulty: number;
}

/** Replays again and again, as fast as answered, with Redis stopped half of the time, and watches what processes hold. */
export async function runMemoryDrill(scratch: ScratchStack, options: MemoryDrillOptions): Promise<MemoryDrillReport> {
  const { plan, durationMs, note } = options;
  const watch = watchMemory(scratch.stack);
  const endMs = Date.now() + durationMs;
  const warm = setTimeout(watch.warm, warmMs);
  const stopRedis = () => scratch.strike({ afterMessages: 0, does: "stop redis", forMs: outageMs });
  stopRedis();
  const outages = setInterval(stopRedis, 2 * outageMs);
  let [replays, faulty] = [0, 0];
  try {
    while (Date.now() < endMs) {
      const { apiUrls, realtimeUrls } = scratch;
      const figures = await runReplay({
        apiUrls,
        realtimeUrls,
        plan,
        speed: null,
      });
      replays += 1;
      if (!isFlawless(figures)) faulty += 1;
      await watch.sampleAtRest();
      note(`replay ${replays}: p99 ${figures.latencyMs.p99.toFixed(0)} ms, lost ${figures.lost}`);
    }
    return { processes: await watch.end(), replays, faulty };
  } finally {
    clearTimeout(warm);
    clearInterval(outages);
  }
}
