import { expect, test } from "vitest";
import type { Bar } from "./bars.ts";
import { exitCodeOf, isTooSpread, judgeRow } from "./judge.ts";
import type { RowResult, StageResult } from "./row.ts";

const bar: Bar = { row: "fan-out", figure: "cpu", against: "raw", bound: "at most", limit: 1.1 };
const steady = [1, 1.01, 0.99, 1, 1.02, 0.98, 1];

function resultOf(own: readonly number[], peer: readonly number[], stage: Partial<StageResult> = {}): RowResult {
  const figures = (values: readonly number[]) => values.map((cpu) => ({ cpu }));
  const rounds = { Echo: figures(own), raw: figures(peer) };
  const measured = { label: "1,000", sockets: 1_000, isReportOnly: false, rounds, notRun: null, ...stage };
  return { name: "fan-out", measures: "", stages: [measured] };
}

const codeOf = (result: RowResult, bars: readonly Bar[] = [bar]) => exitCodeOf(judgeRow(result, bars));

test("a median ratio within the bar passes with 0", () => {
  expect(codeOf(resultOf(steady, steady))).toBe(0);
});

test("a median ratio beyond the bar is a miss, and exits with 1", () => {
  const result = resultOf(
    steady.map((cpu) => 1.2 * cpu),
    steady,
  );

  expect(judgeRow(result, [bar])).toMatchObject([{ outcome: "missed", stage: "1,000" }]);
  expect(codeOf(result)).toBe(1);
});

test("the ratio is taken round by round, so that a machine that slows down slows both", () => {
  const slowing = steady.map((cpu, round) => cpu * (1 + round));

  expect(codeOf(resultOf(slowing, slowing))).toBe(0);
});

test("rounds that lie apart are inconclusive, never a pass and never a miss", () => {
  const apart = resultOf([0.5, 1.5, 0.6, 1.4, 0.7, 1.3, 1], steady);
  const verdicts = judgeRow(apart, [bar]);

  expect(verdicts).toMatchObject([{ outcome: "inconclusive" }]);
  expect(isTooSpread(verdicts)).toBe(true);
  expect(exitCodeOf(verdicts)).toBe(2);
});

test("fewer than seven rounds judge nothing", () => {
  expect(codeOf(resultOf([1, 1, 1], [1, 1, 1]))).toBe(2);
});

test("at least is met from above", () => {
  const least: Bar = { ...bar, bound: "at least", limit: 0.7 };
  const of = (share: number) =>
    resultOf(
      steady.map((rate) => share * rate),
      steady,
    );

  expect(codeOf(of(0.75), [least])).toBe(0);
  expect(codeOf(of(0.65), [least])).toBe(1);
});

test("what must never happen is judged by a single round", () => {
  const lost: Bar = { ...bar, against: null, limit: 0, isCount: true };

  expect(codeOf(resultOf([0, 0, 0], []), [lost])).toBe(0);
  expect(codeOf(resultOf([0, 1, 0], []), [lost])).toBe(1);
});

test("a figure without a peer passes by its worst round, and is missed by the middle one", () => {
  const seconds: Bar = { ...bar, against: null, limit: 10 };

  expect(codeOf(resultOf([4, 9, 6], []), [seconds])).toBe(0);
  expect(codeOf(resultOf([4, 11, 6], []), [seconds])).toBe(2);
  expect(codeOf(resultOf([12, 11, 6], []), [seconds])).toBe(1);
});

test("what did not run is told with its reason, and is no pass", () => {
  const result = resultOf([], [], { notRun: "there is no redis-server" });

  expect(judgeRow(result, [bar])).toMatchObject([{ outcome: "not judged", because: "there is no redis-server" }]);
  expect(codeOf(result)).toBe(2);
});

test("a peer that measured nothing is no pass", () => {
  expect(codeOf(resultOf(steady, []))).toBe(2);
  expect(codeOf(resultOf(steady, [0, 0, 0, 0, 0, 0, 0]))).toBe(2);
});

test("a stage that is only reported has no verdict", () => {
  expect(judgeRow(resultOf(steady, steady, { isReportOnly: true }), [bar])).toEqual([]);
});

test("a miss outweighs what is inconclusive", () => {
  const missed = judgeRow(
    resultOf(
      steady.map((cpu) => 2 * cpu),
      steady,
    ),
    [bar],
  );
  const open = judgeRow(resultOf([], [], { notRun: "later" }), [bar]);

  expect(exitCodeOf([...open, ...missed])).toBe(1);
});
