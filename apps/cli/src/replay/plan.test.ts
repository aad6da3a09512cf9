import { expect, test } from "vitest";
import { parseLog } from "./parse-log.ts";
import { planReplay } from "./plan.ts";

const planOf = (lines: string[], links: [number, number][] = []) =>
  planReplay(parseLog(lines.join("\n")), new Map(links.map(([earlier, later]) => [later, earlier])));

test("a nick that speaks without a join is a member from its first line", () => {
  const { steps } = planOf(["[09:00] <ada> hi", "[09:01] <ada> again"]);

  expect(steps.map((step) => step.kind)).toEqual(["join", "say", "say"]);
});

test("a rename keeps the person, and the old nick is somebody new", () => {
  const { people, steps } = planOf([
    "[09:00] <ada> hi",
    "=== ada is now known as ada_",
    "[09:01] <ada_> me",
    "[09:02] <ada> you",
  ]);

  expect(people.map((person) => person.nick)).toEqual(["ada", "ada"]);
  expect(steps.filter((step) => step.kind === "say").map((step) => step.person)).toEqual([0, 0, 1]);
});

test("a second join and a leave of somebody who is not there do nothing", () => {
  const { steps } = planOf([
    "=== ada [a]  has left #x",
    "=== ada [a]  has joined #x",
    "=== ada [a]  has joined #x",
    "=== ada [a]  has left #x",
  ]);

  expect(steps.map((step) => step.kind)).toEqual(["join", "leave"]);
});

test("a reply to a line that says nothing is no reply", () => {
  const lines = ["[09:00] <ada> hi", "=== mode/#x [+o ada]  by C", "[09:01] <bob> to ada", "[09:01] <bob> to the mode"];
  const { steps } = planOf(lines, [
    [0, 2],
    [1, 3],
  ]);

  expect(steps.filter((step) => step.kind === "say").map((step) => step.replyToLine)).toEqual([null, 0, null]);
});
