import { DbError } from "@echo/db";
import { expect, test } from "vitest";
import { notFound } from "./errors.ts";
import { toEchoError } from "./to-echo-error.ts";

test("an EchoError stays what it is", () => {
  const error = notFound("No such person");

  expect(toEchoError(error)).toBe(error);
});

test.each(["unavailable", "timeout", "lockTimeout", "serialization", "deadlock"] as const)(
  "a database's %s passes by itself, and its own words stay inside",
  (kind) => {
    const error = toEchoError(new DbError(kind, "relation auth.users", { cause: null }));

    expect(error).toMatchObject({ code: "UNAVAILABLE" });
    expect(error?.message).not.toContain("auth.users");
  },
);

test.each([new DbError("unique", "duplicate key", { cause: null }), new TypeError("x is undefined"), "text"])(
  "what nobody foresaw is no answer (%s)",
  (error) => {
    expect(toEchoError(error)).toBeNull();
  },
);
