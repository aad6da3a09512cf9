import { expect, test } from "vitest";
import { earlierEpochs } from "./relay-start.ts";

const beginnings = (...all: [epoch: string, position: number][]) =>
  all.map(([epoch, position]) => ({ epoch, position }));

test.each([
  { title: "of the first epoch nothing", epochs: beginnings(["a", 0]), present: "a", earlier: "" },
  { title: "of an epoch what a restore left", epochs: beginnings(["a", 0], ["b", 60]), present: "b", earlier: "a.60" },
  {
    title: "of several what the last restore left, the latest first",
    epochs: beginnings(["a", 0], ["b", 60], ["c", 90]),
    present: "c",
    earlier: "b.90 a.60",
  },
  {
    title: "no epoch of which nothing is left",
    epochs: beginnings(["a", 0], ["b", 60], ["c", 60], ["d", 40]),
    present: "d",
    earlier: "a.40",
  },
])("records tell of earlier epochs: $title", ({ epochs, present, earlier }) => {
  expect(earlierEpochs(epochs, present)).toBe(earlier);
});
