import { expect, test, vi } from "vitest";
import { createEmitter } from "./emitter.ts";

interface Events {
  word: string;
  number: number;
}

test("a listener hears its own type until it stops", () => {
  const { on, emit } = createEmitter<Events>();
  const heard: unknown[] = [];
  const stop = on("word", (word) => heard.push(word));

  emit("word", "a");
  emit("number", 1);
  stop();
  emit("word", "b");

  expect(heard).toEqual(["a"]);
});

test("the same function twice is two listeners, and stopping one leaves the other", () => {
  const { on, emit } = createEmitter<Events>();
  const listener = vi.fn();
  const stop = on("word", listener);
  on("word", listener);

  emit("word", "a");
  stop();
  stop();
  emit("word", "b");

  expect(listener.mock.calls).toEqual([["a"], ["a"], ["b"]]);
});

test("what a listener throws surfaces and keeps nothing from the others", async () => {
  vi.useFakeTimers();
  const { on, emit } = createEmitter<Events>();
  const heard = vi.fn();
  on("word", () => {
    throw new Error("of the application");
  });
  on("word", heard);

  emit("word", "a");

  expect(heard).toHaveBeenCalledWith("a");
  expect(() => vi.runAllTimers()).toThrow("of the application");
  vi.useRealTimers();
});
