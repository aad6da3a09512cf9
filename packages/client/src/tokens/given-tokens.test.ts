import { expect, test } from "vitest";
import { createGivenTokens } from "./given-tokens.ts";

const tokenOf = (name: string) =>
  `${name}.${Buffer.from(JSON.stringify({ sub: "ada", iat: 0, exp: 100 })).toString("base64url")}.y`;

test("a function is asked once for many calls, and again when its token gets stale", async () => {
  let asked = 0;
  let nowMs = 0;
  const tokens = createGivenTokens(
    async () => {
      asked += 1;
      return tokenOf(`token${asked}`);
    },
    () => nowMs,
  );

  const many = await Promise.all(Array.from({ length: 50 }, () => tokens.current()));
  expect(new Set(many.map((token) => token?.accessToken))).toEqual(new Set([tokenOf("token1")]));
  expect(many[0]).toMatchObject({ userId: "ada", staleAt: 80_000 });

  nowMs = 80_000;
  expect((await tokens.current())?.accessToken).toBe(tokenOf("token2"));
});

test("a refused token is asked for anew, once for all who were refused", async () => {
  let asked = 0;
  const tokens = createGivenTokens(() => `token${++asked}`);
  const first = (await tokens.current())?.accessToken ?? "";

  const renewed = await Promise.all(Array.from({ length: 50 }, () => tokens.renew(first)));

  expect(new Set(renewed.map((token) => token?.accessToken))).toEqual(new Set(["token2"]));
  expect(asked).toBe(2);
});

test("for a fixed token there is no better one", async () => {
  const tokens = createGivenTokens("fixed");

  expect(await tokens.current()).toEqual({
    accessToken: "fixed",
    userId: null,
    staleAt: Number.POSITIVE_INFINITY,
  });
  expect(await tokens.renew("fixed")).toBeNull();
});
