import { repeat } from "../time/repeat.ts";
import { singleFlight } from "../time/single-flight.ts";
import { type Lane, makeCheckpoints } from "./checkpoints.ts";
import { GroupRunner } from "./group-runner.ts";
import type { LaneContext } from "./lane-step.ts";
import { laneCount } from "./log-reader.ts";

/** Finds what no wake-up told: one that was lost, and lanes whose process died. */
const sweepMs = 1_000;

interface SweepOptions {
  /** Each topic has lanes of its own. */
  isByTopic: boolean;
  /** Lanes that have something to do in the log. */
  findDue(head: { epoch: string; position: number }): Promise<Lane[]>;
}

/** What a group does with the log in this process. */
export interface GroupSweep {
  /** Null until the group's checkpoints are there. */
  lanes(): readonly Lane[] | null;
  wake(lanes: readonly Lane[]): void;
  soon(): void;
  stop(): Promise<void>;
}

/** Makes a group's checkpoints, and works on its lanes that are due: by a sweep, and when they are woken. */
export function sweepGroup(context: LaneContext, { isByTopic, findDue }: SweepOptions): GroupSweep {
  const { db, log, logger, consume } = context;
  const { group, topics } = consume;
  const runner = new GroupRunner(context);
  let lanes: readonly Lane[] | null = null;
  const sweep = singleFlight(async () => {
    const head = await log.head(db);
    const start = { epoch: head.epoch, position: head.floor };
    lanes ??= await makeCheckpoints(db, { group, topics, lanes: laneCount, isByTopic }, start);
    runner.wake(await findDue(head));
    runner.replay();
  });
  // What fails is tried again, and told, by the one that is repeated.
  const soon = () => void sweep().catch(() => undefined);
  const name = `the sweep of the group ${group}`;
  const repeated = repeat({ name, everyMs: sweepMs, maxPauseMs: sweepMs, logger }, sweep);
  soon();
  return {
    lanes: () => lanes,
    wake: (due) => runner.wake(due),
    soon,
    async stop() {
      await repeated.stop();
      await runner.stop();
      // Joins what is under way; it wakes nobody any more.
      await sweep().catch(() => undefined);
    },
  };
}
