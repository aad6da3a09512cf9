/** What must hold in a row. Without a peer the figure itself is judged, by its worst round. */
export interface Bar {
  row: string;
  figure: string;
  against: string | null;
  bound: "at most" | "at least";
  limit: number;
}

export const cpuFigure = "cpu s/100k";
export const memoryFigure = "KB/connection";
export const timeFigure = "ms";
export const throughputFigure = "per second";
export const p50Figure = "p50 ms";
export const p99Figure = "p99 ms";

const ratio = (row: string, figure: string, rest: Pick<Bar, "against" | "bound" | "limit">): Bar => ({
  row,
  figure,
  ...rest,
});

/** The product's promise, judged with --check: every bar of the rows that this benchmark has. */
export const bars: readonly Bar[] = [
  ratio("fan-out", cpuFigure, { against: "raw ws", bound: "at most", limit: 1.1 }),
  ratio("fan-out", cpuFigure, { against: "Socket.IO", bound: "at most", limit: 0.65 }),
  ratio("fan-out", cpuFigure, { against: "stock tRPC", bound: "at most", limit: 0.2 }),
  ratio("burst", cpuFigure, { against: "raw ws", bound: "at most", limit: 0.35 }),
  ratio("memory", memoryFigure, { against: "raw ws", bound: "at most", limit: 2.5 }),
  ratio("memory", memoryFigure, { against: "Socket.IO", bound: "at most", limit: 1 }),
  ratio("storm", timeFigure, { against: "raw ws + jose + one row", bound: "at most", limit: 1.2 }),
  ratio("latency", p99Figure, { against: "raw ws", bound: "at most", limit: 1.5 }),
  ratio("send-verb", throughputFigure, { against: "pg prepared", bound: "at least", limit: 0.7 }),
  ratio("send-door", throughputFigure, { against: "Fastify + pg", bound: "at least", limit: 0.6 }),
  ratio("e2e", p50Figure, { against: "Fastify + NOTIFY + raw ws", bound: "at most", limit: 2.5 }),
  ratio("e2e", p99Figure, { against: "Fastify + NOTIFY + raw ws", bound: "at most", limit: 2 }),
  ratio("me", throughputFigure, { against: "bare tRPC", bound: "at least", limit: 0.6 }),
  ratio("resume", "lost", { against: null, bound: "at most", limit: 0 }),
  ratio("resume", "doubled", { against: null, bound: "at most", limit: 0 }),
  ratio("resume", "caught up s", { against: null, bound: "at most", limit: 5 }),
  ratio("cold-start", "s to ready", { against: null, bound: "at most", limit: 10 }),
];
