import { expect, test } from "vitest";
import { placeBefore } from "./rewind.ts";

const far = { reached: 237, rewindTo: 130, floor: 0 };

const places = [
  { what: "a multiple at a time", way: far, position: 200, isLast: false },
  { what: "the multiple that it is to go back beyond", way: { ...far, reached: 200 }, position: 100, isLast: true },
  { what: "from one multiple to the one before", way: { ...far, reached: 400 }, position: 300, isLast: false },
  { what: "to a multiple itself", way: { ...far, rewindTo: 200 }, position: 200, isLast: true },
  { what: "to the beginning", way: { ...far, reached: 40, rewindTo: 0 }, position: 0, isLast: true },
  { what: "no further than the log does", way: { ...far, reached: 200, floor: 110 }, position: 200, isLast: true },
  { what: "to the floor", way: { ...far, floor: 100 }, position: 200, isLast: false },
  { what: "nowhere when it is not so far", way: { ...far, reached: 90 }, position: 90, isLast: true },
];

test.each(places)("a rewind goes $what", ({ way, position, isLast }) => {
  expect(placeBefore(way, 100)).toEqual({ position, isLast });
});

test("who cannot forget goes back at once", () => {
  expect(placeBefore(far, undefined)).toEqual({ position: 130, isLast: true });
  expect(placeBefore({ ...far, floor: 150 }, undefined)).toEqual({ position: 150, isLast: true });
});
