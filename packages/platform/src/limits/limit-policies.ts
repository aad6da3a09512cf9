import { z } from "zod";
import type { BucketPolicy, FixedPolicy, SlidingPolicy } from "./limits.ts";

const count = z.int().min(1).max(1_000_000_000);
const window = (limit: number, windowMs: number) => {
  const shape = { limit: count.default(limit), windowMs: z.int().min(1).max(86_400_000).default(windowMs) };
  return z.strictObject(shape).prefault({});
};
const bucket = (burst: number, perSecond: number) => {
  const shape = { burst: count.default(burst), perSecond: z.number().positive().max(1_000_000).default(perSecond) };
  return z.strictObject(shape).prefault({});
};

/** ECHO_LIMITS: any part of it; the rest is as in product.md. */
export const LimitSettings = z.strictObject({
  anonymous: window(100, 60_000),
  user: bucket(100, 10),
  ipCeiling: window(12_000, 60_000),
  send: bucket(60, 10),
  socket: bucket(40, 20),
  socketsPerUser: count.default(10),
  socketsPerIpUnauthenticated: count.default(20),
  codes: window(5, 3_600_000),
  register: window(20, 3_600_000),
  hashing: z.strictObject({ places: count.default(32), perIp: count.default(4) }).prefault({}),
});
export type LimitSettings = z.infer<typeof LimitSettings>;

/** Every policy whose figures an operator may change, ready for `Limits.take`. */
export interface LimitPolicies {
  /** Requests without a valid token, per IP (IPv6 by /64). */
  anonymous: FixedPolicy;
  /** Requests with a valid token, per user. */
  user: BucketPolicy;
  /** All requests of an IP, before the token is verified. */
  ipCeiling: FixedPolicy;
  /** Messages, per user and conversation. */
  send: BucketPolicy;
  /** Calls of one socket. */
  socket: BucketPolicy;
  socketsPerUser: number;
  socketsPerIpUnauthenticated: number;
  /** Mails and SMS, per destination. */
  codes: SlidingPolicy;
  /** Registrations, per IP. */
  register: SlidingPolicy;
  /** Places in the queue of password hashes: in all, and of one IP. */
  hashing: { places: number; perIp: number };
}

/** The policy table; without settings, product.md's figures. */
export function createLimitPolicies(overrides: z.input<typeof LimitSettings> = {}): LimitPolicies {
  const settings = LimitSettings.parse(overrides);
  return {
    anonymous: { name: "anonymous", kind: "fixed", ...settings.anonymous },
    user: { name: "user", kind: "bucket", ...settings.user },
    ipCeiling: { name: "ipCeiling", kind: "fixed", ...settings.ipCeiling },
    send: { name: "send", kind: "bucket", ...settings.send },
    socket: { name: "socket", kind: "bucket", ...settings.socket },
    socketsPerUser: settings.socketsPerUser,
    socketsPerIpUnauthenticated: settings.socketsPerIpUnauthenticated,
    codes: { name: "codes", kind: "sliding", ...settings.codes },
    register: { name: "register", kind: "sliding", ...settings.register },
    hashing: settings.hashing,
  };
}
