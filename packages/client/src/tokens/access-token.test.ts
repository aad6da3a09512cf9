import { expect, test } from "vitest";
import { lifeOf, readClaims } from "./access-token.ts";

const tokenOf = (claims: unknown) => `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.y`;

test("a token tells whose it is and how long it lives, whatever this client's clock says", () => {
  expect(readClaims(tokenOf({ sub: "ada\u00ff", iat: 1_000, exp: 1_900 }))).toMatchObject({ lifetimeMs: 900_000 });
  expect(readClaims(tokenOf({ sub: "ada", sid: "s", iat: 5, exp: 6 }))).toEqual({
    userId: "ada",
    sessionId: "s",
    lifetimeMs: 1_000,
  });
});

test.each(["", "opaque", "a.b.c", tokenOf({}), tokenOf({ sub: 5, iat: "x", exp: null }), tokenOf({ iat: 9, exp: 1 })])(
  "%j tells nothing",
  (token) => {
    expect(readClaims(token)).toEqual({ userId: null, sessionId: null, lifetimeMs: null });
  },
);

test("a token is renewed a minute before its end, a short-lived one in its last fifth", () => {
  expect(lifeOf(900_000, 100)).toEqual({ staleAt: 840_100, endsAt: 900_100 });
  expect(lifeOf(1_000, 0)).toEqual({ staleAt: 800, endsAt: 1_000 });
});
