import { expect, test } from "vitest";
import { findChromium, noChromium } from "./chromium.ts";

test("the Chromium that is named is taken", () => {
  expect(findChromium({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
});

test("one that is named and cannot be run is an error, not another one", () => {
  expect(() => findChromium({ CHROMIUM_PATH: "/nowhere/chromium" })).toThrow(
    "CHROMIUM_PATH names /nowhere/chromium, which cannot be run",
  );
});

test("the first one that lies at a usual place is taken", () => {
  expect(findChromium({}, ["/nowhere/chromium", process.execPath])).toBe(process.execPath);
});

test("where there is none tests are skipped, but not where all must run", () => {
  expect(findChromium({}, ["/nowhere/chromium"])).toBeNull();
  expect(() => findChromium({ CI: "true" }, ["/nowhere/chromium"])).toThrow(noChromium);
});
