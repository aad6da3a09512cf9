import type { Bar } from "./bars.ts";
import type { Figures, RowResult, StageResult } from "./row.ts";
import { median, spread } from "./statistics.ts";

/** Beyond it the rounds do not agree, and neither a pass nor a miss is believed. */
const maxSpread = 0.15;
const leastRounds = 7;

type Outcome = "met" | "missed" | "inconclusive" | "not judged";

export interface Verdict {
  bar: Bar;
  stage: string;
  /** Median of the ratios of the rounds; without a peer, the figure of the worst round. */
  value: number | null;
  spread: number | null;
  outcome: Outcome;
  /** Why it is inconclusive or not judged. */
  because: string | null;
}

const echo = "Echo";

/** Each bar of a row, at each stage where it holds. A row without stages to judge says so. */
export function judgeRow(result: RowResult, bars: readonly Bar[]): Verdict[] {
  const stages = result.stages.filter(({ isReportOnly }) => !isReportOnly);
  const own = bars.filter(({ row }) => row === result.name);
  return own.flatMap((bar) => stages.map((stage) => judge(bar, stage)));
}

function judge(bar: Bar, stage: StageResult): Verdict {
  const place = { bar, stage: stage.label };
  const notJudged = (because: string): Verdict => ({
    ...place,
    value: null,
    spread: null,
    outcome: "not judged",
    because,
  });
  if (stage.notRun !== null) return notJudged(stage.notRun);
  const own = figuresOf(stage, echo, bar.figure);
  if (own.length === 0) return notJudged(`Echo has no ${bar.figure}`);
  if (bar.against === null) return judgeFigure(place, own);
  const peer = figuresOf(stage, bar.against, bar.figure);
  if (peer.length !== own.length) return notJudged(`${bar.against} has no ${bar.figure}`);
  return judgeRatios(place, ratiosOf(own, peer));
}

type Place = Pick<Verdict, "bar" | "stage">;

/** Met when even the worst round meets it, missed when the middle one does not. */
function judgeFigure(place: Place, values: readonly number[]): Verdict {
  const { bar } = place;
  const worst = bar.bound === "at most" ? Math.max(...values) : Math.min(...values);
  const measured = { ...place, value: worst, spread: null, because: null };
  if (isMet(bar, worst)) return { ...measured, outcome: "met" };
  if (bar.isCount || !isMet(bar, median(values))) return { ...measured, outcome: "missed" };
  return { ...measured, outcome: "inconclusive", because: "some rounds meet it, and some do not" };
}

function judgeRatios(place: Place, ratios: readonly number[]): Verdict {
  const measured = { ...place, value: median(ratios), spread: spread(ratios) };
  if (!Number.isFinite(measured.value)) {
    return { ...measured, outcome: "inconclusive", because: "a round of the peer measured nothing" };
  }
  if (ratios.length < leastRounds) {
    return { ...measured, outcome: "inconclusive", because: `${ratios.length} rounds are fewer than ${leastRounds}` };
  }
  if (measured.spread > maxSpread) {
    const because = `the rounds lie ${(measured.spread * 100).toFixed(0)} % apart, more than ${maxSpread * 100} %`;
    return { ...measured, outcome: "inconclusive", because };
  }
  return { ...measured, outcome: isMet(place.bar, measured.value) ? "met" : "missed", because: null };
}

const isMet = ({ bound, limit }: Bar, value: number): boolean =>
  bound === "at most" ? value <= limit : value >= limit;

export function figuresOf(stage: StageResult, contestant: string, figure: string): number[] {
  const rounds: readonly Figures[] = stage.rounds[contestant] ?? [];
  return rounds.flatMap((figures) => figures[figure] ?? []);
}

/** Echo's figure against the peer's, round by round. */
const ratiosOf = (own: readonly number[], peer: readonly number[]): number[] =>
  own.map((value, round) => value / (peer[round] ?? Number.NaN));

/** Whether the rounds of a row lie too far apart to be believed: then it is run once more. */
export const isTooSpread = (verdicts: readonly Verdict[]): boolean =>
  verdicts.some(({ spread: apart }) => apart !== null && apart > maxSpread);

/** 1: a bar is missed. 2: one could not be judged. 0 only when all were judged and met. */
export function exitCodeOf(verdicts: readonly Verdict[]): 0 | 1 | 2 {
  if (verdicts.some(({ outcome }) => outcome === "missed")) return 1;
  if (verdicts.length === 0 || verdicts.some(({ outcome }) => outcome !== "met")) return 2;
  return 0;
}
