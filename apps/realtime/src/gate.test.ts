import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

test("so many are in at once, and who waits comes in in order as places come free", async () => {
  const gate = new Gate(2, 1_000);
  const order: string[] = [];
  await gate.enter();
  await gate.enter();
  const waiting = ["a", "b"].map(async (name) => order.push(`${name} ${await gate.enter()}`));

  gate.leave();
  await waiting[0];
  expect(order).toEqual(["a true"]);
  gate.leave();
  await waiting[1];
  expect(order).toEqual(["a true", "b true"]);
});

test("who waits too long is turned away, and takes no place from those behind", async () => {
  const gate = new Gate(1, 20);
  await gate.enter();

  expect(await gate.enter()).toBe(false);

  gate.leave();
  expect(await gate.enter()).toBe(true);
});
