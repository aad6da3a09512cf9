import { benchLimits } from "./echo/limits.ts";
import { openWorld, type World } from "./echo/world.ts";
import { bars } from "./harness/bars.ts";
import { formatResults } from "./harness/format-results.ts";
import { exitCodeOf, isTooSpread, judgeRow, type Verdict } from "./harness/judge.ts";
import { describeMachine } from "./harness/machine.ts";
import type { Row, RowOptions, RowResult } from "./harness/row.ts";
import { type Note, runRow } from "./harness/run-row.ts";
import { writeResults } from "./harness/write-results.ts";
import { rows } from "./rows/rows.ts";

export interface BenchOptions {
  names: readonly string[];
  isCheck: boolean;
  isQuick: boolean;
  rounds: number | undefined;
  redis: boolean;
  cpuProf: string | undefined;
}

const leastRounds = { check: 7, quick: 1, plain: 3 };

/** Runs the rows that were named, prints the table, writes the results. Answers the exit code. */
export async function runBench(options: BenchOptions): Promise<number> {
  const { names, isCheck, isQuick } = options;
  if (isCheck && isQuick) throw new Error("A quick run is not a check: choose one of --check and --quick");
  const note: Note = (line) => void process.stderr.write(`${line}\n`);
  note(`limits of this run: ${JSON.stringify(benchLimits)}`);
  const rowOptions = { isQuick, rounds: roundsOf(options), redis: options.redis };
  const startedAt = new Date();
  const results: RowResult[] = [];
  const verdicts: Verdict[] = [];
  const world = await openWorld(options.cpuProf);
  closeOnSignals(world);
  try {
    for (const row of rows.filter(({ name }) => names.includes(name))) {
      const judged = await runJudged(row, rowOptions, { world, note, isCheck });
      results.push(judged.result);
      verdicts.push(...judged.verdicts);
    }
  } finally {
    await world.close();
  }
  const run = { startedAt, machine: describeMachine(), options: { ...rowOptions, isCheck, names }, results, verdicts };
  process.stdout.write(formatResults(run));
  note(`Written: ${(await writeResults(run)).join(", ")}`);
  return isCheck ? exitCodeOf(verdicts) : 0;
}

function roundsOf({ isCheck, isQuick, rounds }: BenchOptions): number {
  if (isCheck) return Math.max(leastRounds.check, rounds ?? 0);
  return rounds ?? (isQuick ? leastRounds.quick : leastRounds.plain);
}

interface Run {
  world: World;
  note: Note;
  isCheck: boolean;
}

/** A check repeats a row once when its rounds lie too far apart. */
async function runJudged(row: Row, options: RowOptions, { isCheck, ...run }: Run) {
  const result = await runRow(row, options, run);
  const verdicts = judgeRow(result, bars);
  if (!isCheck || !isTooSpread(verdicts)) return { result, verdicts };
  run.note(`${row.name}: the rounds lie too far apart; once more`);
  const again = await runRow(row, options, run);
  return { result: again, verdicts: judgeRow(again, bars) };
}

/** The children end with this process; the database would outlive it. */
function closeOnSignals(world: World): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void world.close().finally(() => process.exit(130)));
  }
}
