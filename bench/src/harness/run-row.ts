import type { World } from "../echo/world.ts";
import type { Arena, Contestant, Figures, Row, RowOptions, RowResult, Stage, StageResult } from "./row.ts";

/** Tells how far it is. */
export type Note = (line: string) => void;

/** Runs the stages of a row one after the other; a stage that cannot run says why, and the others go on. */
export async function runRow(row: Row, options: RowOptions, run: { world: World; note: Note }): Promise<RowResult> {
  const stages: StageResult[] = [];
  for (const stage of row.stages(options)) {
    run.note(`${row.name}: ${stage.label}`);
    stages.push(await runStage(stage, options, run));
  }
  return { name: row.name, measures: row.measures, stages };
}

async function runStage(
  stage: Stage,
  { rounds }: RowOptions,
  { world, note }: { world: World; note: Note },
): Promise<StageResult> {
  const { label, sockets = null, isReportOnly = false } = stage;
  const place = { label, sockets, isReportOnly };
  try {
    const arena = await stage.open(world);
    try {
      return { ...place, rounds: await alternate(arena, rounds, note), notRun: null };
    } finally {
      await arena.close();
    }
  } catch (error) {
    const notRun = error instanceof Error ? error.message : String(error);
    note(`  not run: ${notRun}`);
    return { ...place, rounds: {}, notRun };
  }
}

/** A B C, B C A, C A B: nobody always goes first on a machine that warms up. */
export async function alternate(
  { contestants }: Pick<Arena, "contestants">,
  rounds: number,
  note: Note,
): Promise<Record<string, Figures[]>> {
  const results: Record<string, Figures[]> = Object.fromEntries(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of rotated(contestants, round)) {
      const figures = await contestant.round();
      results[contestant.name]?.push(figures);
      note(`  ${round + 1}/${rounds} ${contestant.name}: ${describe(figures)}`);
    }
  }
  return results;
}

const rotated = (contestants: readonly Contestant[], by: number): Contestant[] =>
  contestants.map((_, index) => contestants[(index + by) % contestants.length]).filter((each) => each !== undefined);

const describe = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(", ");
