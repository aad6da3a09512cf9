/** What must hold in a row. Without a peer the figure itself is judged. */
export interface Bar {
  row: string;
  figure: string;
  against: string | null;
  bound: "at most" | "at least";
  limit: number;
  /** Counts what must never happen: a single round decides. */
  isCount?: boolean;
}

export const cpuFigure = "cpu s/100k";
export const memoryFigure = "KB/connection";
export const timeFigure = "ms";
export const throughputFigure = "per second";
export const p50Figure = "p50 ms";
export const p99Figure = "p99 ms";

const bar = (row: string, figure: string, rest: Pick<Bar, "against" | "bound" | "limit" | "isCount">): Bar => ({
  row,
  figure,
  ...rest,
});

/** The product's promise, judged with --check: every bar of the rows that this benchmark has. */
export const bars: readonly Bar[] = [
  bar("fan-out", cpuFigure, { against: "raw ws", bound: "at most", limit: 1.1 }),
  bar("fan-out", cpuFigure, { against: "Socket.IO", bound: "at most", limit: 0.65 }),
  bar("fan-out", cpuFigure, { against: "stock tRPC", bound: "at most", limit: 0.2 }),
  bar("burst", cpuFigure, { against: "raw ws", bound: "at most", limit: 0.35 }),
  bar("memory", memoryFigure, { against: "raw ws", bound: "at most", limit: 2.5 }),
  bar("memory", memoryFigure, { against: "Socket.IO", bound: "at most", limit: 1 }),
  bar("storm", timeFigure, { against: "raw ws + jose + one row", bound: "at most", limit: 1.2 }),
  bar("latency", p99Figure, { against: "raw ws", bound: "at most", limit: 1.5 }),
  bar("send-verb", throughputFigure, { against: "pg prepared", bound: "at least", limit: 0.7 }),
  bar("send-door", throughputFigure, { against: "Fastify + pg", bound: "at least", limit: 0.6 }),
  bar("e2e", p50Figure, { against: "Fastify + NOTIFY + raw ws", bound: "at most", limit: 2.5 }),
  bar("e2e", p99Figure, { against: "Fastify + NOTIFY + raw ws", bound: "at most", limit: 2 }),
  bar("me", throughputFigure, { against: "bare tRPC", bound: "at least", limit: 0.6 }),
  bar("resume", "lost", { against: null, bound: "at most", limit: 0, isCount: true }),
  bar("resume", "doubled", { against: null, bound: "at most", limit: 0, isCount: true }),
  bar("resume", "disordered", { against: null, bound: "at most", limit: 0, isCount: true }),
  bar("resume", "caught up s", { against: null, bound: "at most", limit: 5 }),
  bar("cold-start", "s to ready", { against: null, bound: "at most", limit: 10 }),
  bar("relay", throughputFigure, { against: "kafkajs", bound: "at least", limit: 0.5 }),
  bar("consume", throughputFigure, { against: "kafkajs", bound: "at least", limit: 0.5 }),
];
