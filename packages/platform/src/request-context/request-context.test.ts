import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { identifyRequest, requestContext, withRequestContext } from "./request-context.ts";

test("two requests at once each keep their own context over awaits", async () => {
  const serve = (requestId: string) =>
    withRequestContext({ requestId, correlationId: `c-${requestId}` }, async () => {
      await setImmediate();
      identifyRequest(`user-${requestId}`);
      await setImmediate();
      return requestContext();
    });

  expect(await Promise.all([serve("a"), serve("b")])).toEqual([
    { requestId: "a", correlationId: "c-a", userId: "user-a" },
    { requestId: "b", correlationId: "c-b", userId: "user-b" },
  ]);
});

test("there is no context outside of a request, and nobody to identify", () => {
  identifyRequest("somebody");

  expect(requestContext()).toBeUndefined();
});
