import { expect, test } from "vitest";
import { findChromium } from "./chromium.ts";

test("the Chromium that is named is taken", () => {
  expect(findChromium({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
});

test("one that is named and cannot be run is an error, not another one", () => {
  expect(() => findChromium({ CHROMIUM_PATH: "/nowhere/chromium" })).toThrow(
    "CHROMIUM_PATH names /nowhere/chromium, which cannot be run",
  );
});
