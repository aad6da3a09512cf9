import { throughputFigure } from "../harness/bars.ts";
import type { Arena } from "../harness/row.ts";
import type { HttpTarget } from "../load/http/main.ts";
import { startHttpLoad } from "../load/start-load.ts";
import { cpuSeconds } from "../processes/cpu-clock.ts";

/** A server under closed-loop load, one target per connection. */
export interface HttpSide {
  name: string;
  pid: number;
  targets: HttpTarget[];
  stop(): Promise<void>;
}

/** Of each server, before the first round: until its code is compiled. */
const warmUpShare = 0.6;

/** Answers a second of each, one at a time. */
export async function openHttpArena(sides: readonly HttpSide[], durationMs: number): Promise<Arena> {
  const load = await startHttpLoad();
  for (const { targets } of sides) await load.ask("hammer", { targets, durationMs: warmUpShare * durationMs });
  return {
    contestants: sides.map(({ name, pid, targets }) => ({
      name,
      async round() {
        const before = { server: cpuSeconds([pid]), load: cpuSeconds([load.pid]) };
        const perSecond = await load.ask("hammer", { targets, durationMs });
        const calls = (perSecond * durationMs) / 1_000;
        const each = (now: number, then: number) => ((now - then) / calls) * 1e6;
        return {
          [throughputFigure]: perSecond,
          "cpu us/call": each(cpuSeconds([pid]), before.server),
          "load us/call": each(cpuSeconds([load.pid]), before.load),
        };
      },
    })),
    async close() {
      await load.stop();
      for (const { stop } of sides) await stop();
    },
  };
}
