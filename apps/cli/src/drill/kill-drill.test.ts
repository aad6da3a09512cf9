import { expect, test } from "vitest";
import type { ScratchOptions } from "../replay/scratch-stack.ts";
import { withScratchStack } from "../replay/with-scratch-stack.ts";
import type { Terminal } from "../terminal.ts";
import {
  embeddedKillPoints,
  isFaultless,
  type KillDrillOptions,
  type KillDrillReport,
  runKillDrill,
} from "./kill-drill.ts";

const timeout = 240_000;

interface Plants {
  env?: Record<string, string>;
  /** Of the stack's own processes. */
  mains?: ScratchOptions["mains"];
}

function drill(options: Partial<KillDrillOptions>, { env = {}, mains }: Plants = {}): Promise<KillDrillReport> {
  const terminal: Terminal = { env: { ...process.env, ...env }, print: () => undefined, note: () => undefined };
  const defaults = { count: embeddedKillPoints.length, points: embeddedKillPoints, seed: 29, note: () => undefined };
  return withScratchStack(terminal, { nodes: 1, withServices: false, mains }, (scratch) =>
    runKillDrill(scratch, { ...defaults, ...options }),
  );
}

test("processes killed once at each point lose, double and reorder nothing", { timeout }, async () => {
  const report = await drill({});

  expect(report.kills).toEqual(Object.fromEntries(embeddedKillPoints.map((point) => [point, 1])));
  expect(report.acknowledged.messages).toBeGreaterThan(0);
  expect(isFaultless(report)).toBe(true);
});

test.each(["effect outside the transaction", "checkpoint before effect"])(
  "a planted fault is found: %s",
  {
    timeout,
  },
  async (fault) => {
    const mains = { worker: new URL("./test-planted-worker.ts", import.meta.url).href };
    const report = await drill({ points: ["handle>commit"], count: 6, mains }, { env: { PLANTED_FAULT: fault } });

    expect(report.kills["handle>commit"]).toBeGreaterThan(0);
    expect(report.faultyReplays).toBe(0);
    expect(isFaultless(report)).toBe(false);
  },
);

// A hub of Echo's own only looks again when it is told too early; it takes one that believes to lose what it is told.
test("a planted fault is found: wake before commit", { timeout }, async () => {
  const mains = { api: "@echo/testing/planted-api", realtime: "@echo/testing/planted-realtime" };
  const report = await drill({ points: ["handle>commit"], count: 1, patienceMs: 3_000 }, { mains });

  expect(report.kills["handle>commit"]).toBe(1);
  expect(report.faultyReplays).toBeGreaterThan(0);
  expect(isFaultless(report)).toBe(false);
});
