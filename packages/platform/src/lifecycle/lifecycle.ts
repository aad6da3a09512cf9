import type { Clock } from "../clock/clock.ts";
import type { Logger } from "../logger/logger.ts";
import { withTimeout } from "../time/with-timeout.ts";
import { passKillPoint } from "./kill-point.ts";

/** high (100): what lets work in; normal (50): what work needs; low (10): what tells of it. */
export type StopPriority = "high" | "normal" | "low";

const order: Record<StopPriority, number> = { high: 100, normal: 50, low: 10 };

interface Step {
  priority: StopPriority;
  name: string;
  hook: () => void | Promise<void>;
}

/** How a stop went; both lists empty when well. */
export interface StopReport {
  /** Steps that did not end in their time and were left. */
  stuck: string[];
  /** Steps that threw. */
  failed: string[];
}

export interface Lifecycle {
  /**
   * Steps run from high to low, within a priority the last opened first, one after the other. What is opened
   * while the process stops is closed at once.
   */
  onStop(priority: StopPriority, name: string, hook: () => void | Promise<void>): void;
  /** Stops everything, once: later calls answer with the same report. Never rejects. */
  stop(): Promise<StopReport>;
  readonly isStopping: boolean;
}

export interface LifecycleOptions {
  logger: Logger;
  clock: Clock;
  /** For the whole stop. Default 30,000 (product.md). */
  timeoutMs?: number;
}

/** A stuck step leaves this share of the whole time to each step after it. */
const reservedShare = 1 / 30;

export function createLifecycle({ logger, clock, timeoutMs = 30_000 }: LifecycleOptions): Lifecycle {
  const steps: Step[] = [];
  let stopping: Promise<StopReport> | undefined;

  const stopAll = async (): Promise<StopReport> => {
    const deadlineMs = clock.monotonicMs() + timeoutMs;
    const report: StopReport = { stuck: [], failed: [] };
    const queue = steps.toReversed().sort((a, b) => order[b.priority] - order[a.priority]);
    for (const [index, step] of queue.entries()) {
      passKillPoint("drain");
      const reservedMs = Math.min(reservedShare, 1 / queue.length) * timeoutMs * (queue.length - 1 - index);
      const outcome = await runStep(step, deadlineMs - reservedMs - clock.monotonicMs());
      if (outcome.result !== "done") report[outcome.result].push(step.name);
      tell(step, outcome);
    }
    return report;
  };

  const tell = ({ name, priority }: Step, { result, error }: Outcome) => {
    if (result === "done") logger.debug("closed", { name, priority });
    else logger.error(result === "stuck" ? "did not close in time" : "failed to close", { name, priority, error });
  };

  return {
    onStop(priority, name, hook) {
      const step = { priority, name, hook };
      if (stopping !== undefined) void runStep(step, timeoutMs).then((outcome) => tell(step, outcome));
      else steps.push(step);
    },
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
    get isStopping() {
      return stopping !== undefined;
    },
  };
}

interface Outcome {
  result: "done" | "stuck" | "failed";
  error?: unknown;
}

function runStep({ hook, name }: Step, timeoutMs: number): Promise<Outcome> {
  const work = Promise.resolve()
    .then(hook)
    .then(
      (): Outcome => ({ result: "done" }),
      (error: unknown): Outcome => ({ result: "failed", error }),
    );
  // `work` never rejects, so what rejects here is the time-out.
  return withTimeout(work, Math.max(timeoutMs, 0), name).catch((): Outcome => ({ result: "stuck" }));
}
