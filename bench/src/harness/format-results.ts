import type { Bar } from "./bars.ts";
import type { BenchRun } from "./bench-run.ts";
import type { Verdict } from "./judge.ts";
import type { RowResult, StageResult } from "./row.ts";
import { median } from "./statistics.ts";

/** The table for people. */
export function formatResults(run: BenchRun): string {
  const { machine, startedAt, options } = run;
  const kind = options.isQuick ? "quick: not a check" : options.isCheck ? "check" : "not a check";
  const where = `${machine.cpu}, ${machine.cpus} CPUs, ${machine.memoryGib} GiB, ${machine.system}, Node ${machine.node}`;
  const head = `${startedAt.toISOString()} · ${kind} · ${options.rounds} rounds · ${where}`;
  return `\n${[head, ...run.results.map((result) => formatRow(result, run.verdicts))].join("\n\n")}\n`;
}

function formatRow(result: RowResult, verdicts: readonly Verdict[]): string {
  const own = verdicts.filter(({ bar }) => bar.row === result.name);
  const stages = result.stages.flatMap((stage) => [
    `  ${stage.label}${stage.isReportOnly ? " (reported)" : ""}`,
    ...(stage.notRun === null ? formatFigures(stage) : [`    not run: ${stage.notRun}`]),
    ...own.filter(({ stage: label }) => label === stage.label && !stage.isReportOnly).map(formatVerdict),
  ]);
  return [`${result.name}: ${result.measures}`, ...stages].join("\n");
}

function formatFigures(stage: StageResult): string[] {
  return Object.entries(stage.rounds).map(([contestant, rounds]) => {
    const names = Object.keys(rounds[0] ?? {});
    const medians = names.map((name) => `${short(median(rounds.map((figures) => figures[name] ?? 0)))} ${name}`);
    return `    ${contestant.padEnd(26)} ${medians.join(" · ")}`;
  });
}

const marks: Record<Verdict["outcome"], string> = {
  met: "met",
  missed: "MISSED",
  inconclusive: "INCONCLUSIVE",
  "not judged": "NOT JUDGED",
};

function formatVerdict({ bar, value, spread, outcome, because }: Verdict): string {
  const measured = value === null ? "" : ` ${short(value)}${bar.against ? " x" : ""}`;
  const apart = spread === null ? "" : ` (spread ${(spread * 100).toFixed(0)} %)`;
  const reason = because === null ? "" : `: ${because}`;
  return `    ${marks[outcome]}${measured}${apart}, ${formatBar(bar)}${reason}`;
}

const formatBar = ({ figure, against, bound, limit }: Bar): string =>
  against ? `${figure} ${bound} ${limit} x ${against}` : `${figure} ${bound} ${limit}`;

const short = (value: number): string =>
  Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
