import { expect, test } from "vitest";
import { closeMeaning } from "./close-codes.ts";

test.each([
  [1001, "resume"],
  [1013, "resume"],
  [1006, "resume"],
  [1000, "resume"],
  [1008, "back-off"],
  [4401, "renew"],
  [4403, "end"],
  [4408, "resume"],
])("%i asks to %s", (code, meaning) => {
  expect(closeMeaning(code)).toBe(meaning);
});
