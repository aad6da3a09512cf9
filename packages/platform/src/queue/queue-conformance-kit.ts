import { randomUUID } from "node:crypto";
import { type Db, statement, type Tx } from "@echo/db";
import { expect, vi } from "vitest";
import type { ConsumeOptions, Consumer, Forgetting, Queue, QueueRecord } from "./queue.ts";
import { recordEffects } from "./test-effects.ts";
import type { TestLog } from "./test-log.ts";

export interface QueueHarness {
  log: TestLog;
  /** Where effects are written. */
  db: Db;
  /** A queue on this log, as another process would have it. */
  open(): Promise<Queue>;
  /** A process that consumes for a group as `recordEffects` does, and is killed (kill -9) in between its first handling and the commit. */
  runVictim(group: string): Promise<void>;
  /** How long a case waits for what must happen. */
  patienceMs: number;
}

export const sql = <Row = never>(text: string) => statement<Row>("", text);

const forgetEffects = (group: string): Forgetting => ({
  stride: 4,
  async after(tx, position) {
    await tx.query(sql("DELETE FROM effects WHERE group_name = $1 AND position > $2"), [group, position]);
  },
});

interface Effect {
  key: string;
  position: number;
  value: { n?: number };
}

export const effectsOf = ({ db }: QueueHarness, group: string): Promise<Effect[]> =>
  db.query(sql<Effect>("SELECT key, position, value FROM effects WHERE group_name = $1 ORDER BY n"), [group]);

export const eventually = ({ patienceMs }: QueueHarness, condition: () => unknown): Promise<unknown> =>
  vi.waitFor(condition, { timeout: patienceMs, interval: 20 });

/** Effects of this many records, each once, and each key's in its order. */
export async function expectOnce(harness: QueueHarness, group: string, count: number): Promise<void> {
  await eventually(harness, async () => expect((await effectsOf(harness, group)).length).toBeGreaterThanOrEqual(count));
  const effects = await effectsOf(harness, group);
  expect(effects.map(({ position }) => position).sort((a, b) => a - b)).toEqual(effects.map((_, index) => index + 1));
  expect(effects).toHaveLength(count);
  const last = new Map<string, number>();
  for (const { key, position } of effects) {
    expect(position).toBeGreaterThan(last.get(key) ?? 0);
    last.set(key, position);
  }
}

export const keysOf = (count: number): string[] => Array.from({ length: count }, () => randomUUID());

export async function appendTo({ log }: QueueHarness, keys: readonly string[], count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, n) => ({ key: keys[n % keys.length] ?? "", value: { n } }));
  for (let from = 0; from < count; from += 100) await log.append(records.slice(from, from + 100));
}

export const consumeAs = (group: string, more: Partial<ConsumeOptions> = {}): ConsumeOptions => ({
  group,
  topics: ["messages"],
  handle: recordEffects(group),
  forget: forgetEffects(group),
  maxBatch: 50,
  ...more,
});

export async function using<T>(consumers: readonly Consumer[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  }
}

export const stateOf = async (queue: Queue, name: string) => (await queue.groups()).find(({ group }) => group === name);

/** Records of which one cannot be handled until it is mended. */
export function poisoned(group: string, fail: (tx: Tx) => Promise<void>) {
  const state = { isMended: false };
  const isPoison = ({ value }: QueueRecord) => value.n === 7;
  const consume = consumeAs(group, {
    async handle(tx, records) {
      await recordEffects(group)(tx, records);
      if (!state.isMended && records.some(isPoison)) await fail(tx);
    },
  });
  return { state, consume };
}

export const refuse = async (): Promise<never> => {
  throw new Error("it cannot be handled");
};
