import { readFileSync } from "node:fs";
import type { Overrides } from "@echo/realtime";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { parseLinks, parseLog } from "./parse-log.ts";
import { planReplay } from "./plan.ts";
import { isFlawless } from "./report.ts";
import { runReplay } from "./run-replay.ts";

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
const plan = planReplay(parseLog(fixture("short.raw.txt")), parseLinks(fixture("short.annotation.txt")));

/** Replays the short log over two nodes whose hubs have this fault. */
async function replayWith(overrides: Overrides = {}) {
  await using echo = await startEcho({ nodes: 2, config: { overrides } });
  return await runReplay({
    apiUrls: echo.nodes.map(({ api }) => api.url),
    realtimeUrls: echo.nodes.map(({ realtime }) => realtime.url),
    plan,
    speed: null,
    patienceMs: 1_000,
  });
}

test("a short conversation arrives once, in order, at those whom it is for", async () => {
  const figures = await replayWith();

  expect(figures).toMatchObject({ orderErrors: 0, lost: 0, doubled: 0, unexpected: 0, historyErrors: 0, resets: 0 });
  expect(figures.deliveries).toBe(75);
  expect(isFlawless(figures)).toBe(true);
});

test("a hub that drops one frame is reported", async () => {
  let hasDropped = false;
  const figures = await replayWith({
    judge: (judge) => (delivery, userId, membership) => {
      const verdict = judge(delivery, userId, membership);
      // The sender's own copy: whoever owns the group receives everything too, and is nobody of the log.
      const { type, actorId } = delivery.event ?? {};
      if (hasDropped || verdict === "no" || type !== "message.created" || actorId !== userId) return verdict;
      hasDropped = true;
      return "no";
    },
  });

  expect(figures.lost).toBe(1);
  expect(isFlawless(figures)).toBe(false);
});

test("a hub that delivers after removal is reported", async () => {
  const figures = await replayWith({
    judge: (judge) => (delivery, userId, membership) =>
      delivery.event?.type === "message.created" && membership ? "event" : judge(delivery, userId, membership),
  });

  expect(figures.unexpected).toBeGreaterThan(0);
  expect(isFlawless(figures)).toBe(false);
});

test("with a speed the lines come by the log's own clock", async () => {
  await using echo = await startEcho({});
  const twoMinutes = planReplay(parseLog("[09:00] <ada> one\n[09:01] <ada> two\n[09:01] <ada> three"), new Map());
  const started = Date.now();

  const figures = await runReplay({
    apiUrls: [echo.apiUrl],
    realtimeUrls: [echo.realtimeUrl],
    plan: twoMinutes,
    speed: 60,
  });

  expect(figures.deliveries).toBe(3);
  expect(Date.now() - started).toBeGreaterThanOrEqual(1_500);
});
