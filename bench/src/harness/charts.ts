import { cpuFigure } from "./bars.ts";
import { figuresOf } from "./judge.ts";
import { type Line, lineChart } from "./line-chart.ts";
import type { RowResult } from "./row.ts";
import { median } from "./statistics.ts";

/** Cost against the number of sockets, for each row that has more than one. */
export function drawCharts(results: readonly RowResult[]): { name: string; svg: string }[] {
  return results.flatMap((result) => {
    const lines = linesOf(result);
    if (!lines.some(({ points }) => points.length > 1)) return [];
    const title = `${result.name}: CPU seconds per 100,000 deliveries, by number of sockets`;
    return [{ name: result.name, svg: lineChart({ title, lines }) }];
  });
}

function linesOf({ stages }: RowResult): Line[] {
  const sized = stages.flatMap((stage) => (stage.sockets === null ? [] : [{ stage, x: stage.sockets }]));
  const names = new Set(sized.flatMap(({ stage }) => Object.keys(stage.rounds)));
  return [...names].map((name) => ({
    name,
    points: sized.flatMap(({ stage, x }) => {
      const values = figuresOf(stage, name, cpuFigure);
      return values.length > 0 ? [{ x, y: median(values) }] : [];
    }),
  }));
}
