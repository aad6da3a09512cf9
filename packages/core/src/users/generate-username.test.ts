import { Username } from "@echo/contracts";
import { expect, test } from "vitest";
import { generateUsername } from "./insert-profile.ts";

test.each([
  ["Ada Lovelace", /^ada_lovelace_[a-z0-9]{6}$/],
  ["Zoë Müller-Łuk", /^zoe_muller_uk_[a-z0-9]{6}$/],
  ["", /^user_[a-z0-9]{6}$/],
  ["愛子", /^user_[a-z0-9]{6}$/],
  ["😀", /^user_[a-z0-9]{6}$/],
  ["___", /^user_[a-z0-9]{6}$/],
  ["x".repeat(100), /^x{20}_[a-z0-9]{6}$/],
  [`${"x".repeat(19)} y`, /^x{19}_[a-z0-9]{6}$/],
  ["'; DROP TABLE users; --", /^drop_table_users_[a-z0-9]{6}$/],
])("%j gives a username that the contract accepts", (displayName, expected) => {
  const username = generateUsername(displayName);
  expect(username).toMatch(expected);
  expect(Username.parse(username)).toBe(username);
});

test("two people of one name get two usernames", () => {
  const names = new Set(Array.from({ length: 1_000 }, () => generateUsername("Ada")));
  expect(names.size).toBeGreaterThan(990);
});
