import { expect, test } from "vitest";
import { createLimitPolicies } from "./limit-policies.ts";

test("without settings the figures are those of product.md", () => {
  expect(createLimitPolicies()).toEqual({
    anonymous: { name: "anonymous", kind: "fixed", limit: 100, windowMs: 60_000 },
    user: { name: "user", kind: "bucket", burst: 100, perSecond: 10 },
    ipCeiling: { name: "ipCeiling", kind: "fixed", limit: 12_000, windowMs: 60_000 },
    send: { name: "send", kind: "bucket", burst: 60, perSecond: 10 },
    socket: { name: "socket", kind: "bucket", burst: 40, perSecond: 20 },
    socketsPerUser: 10,
    socketsPerIpUnauthenticated: 20,
    codes: { name: "codes", kind: "sliding", limit: 5, windowMs: 3_600_000 },
    register: { name: "register", kind: "sliding", limit: 20, windowMs: 3_600_000 },
    hashing: { places: 32, perIp: 4 },
  });
});

test("a part changes that part alone", () => {
  const policies = createLimitPolicies({ user: { burst: 7 }, hashing: { perIp: 1 } });

  expect(policies.user).toMatchObject({ burst: 7, perSecond: 10 });
  expect(policies.hashing).toEqual({ places: 32, perIp: 1 });
  expect(policies.send).toEqual(createLimitPolicies().send);
});
