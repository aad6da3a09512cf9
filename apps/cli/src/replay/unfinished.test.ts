import { once } from "node:events";
import { expect, test } from "vitest";
import { Unfinished } from "./unfinished.ts";

test("the end waits for what was begun, also for what fails, and nothing begins after it", async () => {
  const unfinished = new Unfinished();
  const gate = new EventTarget();
  const done: string[] = [];
  const good = unfinished.run(() => once(gate, "open").then(() => done.push("good")));
  const bad = unfinished.run(() => once(gate, "fail").then(() => Promise.reject(new Error("it failed"))));
  const ended = unfinished.end().then(() => done.push("end"));

  await expect(unfinished.run(async () => done.push("too late"))).rejects.toThrow("being stopped");
  gate.dispatchEvent(new Event("fail"));
  await expect(bad).rejects.toThrow("it failed");
  expect(done).toEqual([]);
  gate.dispatchEvent(new Event("open"));
  await good;
  await ended;

  expect(done).toEqual(["good", "end"]);
});
