import type { ReplayFigures } from "./ledger.ts";
import type { TopicFigures } from "./topic-ledger.ts";

export interface ReplayReport extends ReplayFigures {
  messages: number;
  users: number;
  skippedLines: number;
  seconds: number;
  /** Null: without Kafka. */
  topics: TopicFigures | null;
}

/** Nothing lost, doubled, out of order, delivered to the wrong person, or different in history. */
export function isFlawless(report: ReplayFigures): boolean {
  const { orderErrors, lost, doubled, unexpected, historyErrors } = report;
  return orderErrors + lost + doubled + unexpected + historyErrors === 0;
}

/** The same of what came by Kafka. */
export const areTopicsFlawless = (topics: TopicFigures | null): boolean =>
  topics === null || topics.lost + topics.doubled + topics.orderErrors === 0;

/** The figures, a line each. */
export function formatReport(report: ReplayReport): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  const rows: [name: string, value: string][] = [
    ["messages", String(report.messages)],
    ["users", String(report.users)],
    ["skipped lines", String(report.skippedLines)],
    ["deliveries", String(report.deliveries)],
    ["order errors", String(report.orderErrors)],
    ["lost", String(report.lost)],
    ["doubled", String(report.doubled)],
    ["delivered to others", String(report.unexpected)],
    ["resets", String(report.resets)],
    ["history errors", String(report.historyErrors)],
    ["send to socket p50", ms(report.latencyMs.p50)],
    ["send to socket p95", ms(report.latencyMs.p95)],
    ["send to socket p99", ms(report.latencyMs.p99)],
    ["late (over 1 s)", String(report.late)],
    ["longest", ms(report.latencyMs.longest)],
    ...rowsOf(report.topics),
    ["seconds", report.seconds.toFixed(1)],
  ];
  return rows.map(([name, value]) => `${name}: ${value}`).join("\n");
}

const rowsOf = (topics: TopicFigures | null): [name: string, value: string][] =>
  topics === null
    ? []
    : [
        ["records in topics", String(topics.records)],
        ["messages lost in topics", String(topics.lost)],
        ["records doubled in topics", String(topics.doubled)],
        ["order errors in topics", String(topics.orderErrors)],
      ];
