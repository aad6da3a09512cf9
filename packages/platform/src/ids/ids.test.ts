import { expect, test } from "vitest";
import { systemIds } from "./ids.ts";

test("ids are UUIDv7, each greater than the one before", () => {
  const ids = Array.from({ length: 10_000 }, () => systemIds.uuid());

  expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(
    true,
  );
  expect(ids).toEqual([...new Set(ids)].sort());
});

test("a token is 256 bits as base64url, or as many bytes as asked for", () => {
  expect(systemIds.token()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(Buffer.from(systemIds.token(16), "base64url")).toHaveLength(16);
  expect(systemIds.token()).not.toBe(systemIds.token());
});
