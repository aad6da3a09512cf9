import { expect, test } from "vitest";
import { readableLine } from "./readable-line.ts";

const line = (fields: object) => JSON.stringify({ level: "info", timestamp: "2026-11-25T07:50:06.123Z", ...fields });

test("a line is the time, the level, the message and the fields that the terminal does not say already", () => {
  const written = line({
    service: "api",
    request_id: "a1",
    correlation_id: "a1",
    status: 200,
    message: "request completed",
  });
  expect(readableLine(written)).toBe("07:50:06.123 info  request completed request_id=a1 status=200");
});

test("an error's stack comes below its line", () => {
  const error = { name: "Error", message: "boom", stack: "Error: boom\n    at here" };
  expect(readableLine(line({ level: "error", message: "failed", error }))).toBe(
    "07:50:06.123 error failed\nError: boom\n    at here",
  );
});

test.each(["", "✓ Ready in 2 s", "{ not json", '{"answer":42}', "null"])(
  "%j is none of our lines and stays",
  (text) => {
    expect(readableLine(text)).toBe(text);
  },
);
