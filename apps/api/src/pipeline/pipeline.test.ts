import { expect, test } from "vitest";
import { pipelineOrder } from "./index.ts";

/** docs/from-the-design.md, "middleware". */
const design = [
  "request id",
  "correlation id",
  "received log",
  "recovery",
  "security headers",
  "CORS",
  "IP limit",
  "body limit and timeout",
  "auth",
  "user limit",
  "procedure",
  "cache control",
  "version",
  "compression",
  "completed log",
];

test("a request meets the steps in the order of the design", () => {
  expect(pipelineOrder).toEqual(design);
});
