import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Typists } from "./typists.ts";

const ada = { conversationId: "room", userId: "ada" };
let ended: string[] = [];
let typists: Typists;

beforeEach(() => {
  vi.useFakeTimers();
  ended = [];
  typists = new Typists(
    () => performance.now(),
    ({ userId }) => ended.push(userId),
  );
});

afterEach(() => vi.useRealTimers());

test("an activity ends once, 3 s after the last call that was heard", () => {
  typists.hear(ada, "typing");
  vi.advanceTimersByTime(2_900);
  typists.hear(ada, "typing");
  vi.advanceTimersByTime(2_999);
  expect(ended).toEqual([]);

  vi.advanceTimersByTime(60_000);
  expect(ended).toEqual(["ada"]);
});

test("a held key is news once a second, another activity at once", () => {
  const isNews = (activity: "typing" | "recording") => typists.hear(ada, activity);

  expect(isNews("typing")).toBe(true);
  expect(isNews("typing")).toBe(false);
  vi.advanceTimersByTime(999);
  expect(isNews("typing")).toBe(false);
  vi.advanceTimersByTime(1);
  expect([isNews("typing"), isNews("recording"), isNews("recording")]).toEqual([true, true, false]);
});

test("none is news for somebody who types, and for nobody else", () => {
  expect(typists.hear(ada, "none")).toBe(false);
  typists.hear(ada, "typing");
  expect([typists.hear(ada, "none"), typists.hear(ada, "none")]).toEqual([true, false]);

  vi.advanceTimersByTime(60_000);
  expect(ended).toEqual([]);
});

test("a message or a departure ends what was going on, once", () => {
  typists.hear(ada, "recording");
  typists.end(ada);
  typists.end(ada);
  vi.advanceTimersByTime(60_000);

  expect(ended).toEqual(["ada"]);
});

test("a node that stops tells nobody", () => {
  typists.hear(ada, "typing");
  typists.clear();
  vi.advanceTimersByTime(60_000);

  expect(ended).toEqual([]);
});
