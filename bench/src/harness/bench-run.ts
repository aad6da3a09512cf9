import type { Verdict } from "./judge.ts";
import type { Machine } from "./machine.ts";
import type { RowOptions, RowResult } from "./row.ts";

/** All that a run gave. */
export interface BenchRun {
  startedAt: Date;
  machine: Machine;
  options: RowOptions & { isCheck: boolean; names: readonly string[] };
  results: readonly RowResult[];
  verdicts: readonly Verdict[];
}
