import ipaddr from "ipaddr.js";
import { z } from "zod";
import { parseAddress } from "../http/client-ip.ts";
import { isOriginPattern } from "../http/origin-check.ts";
import { isKillPoint, type KillAt, killPoints } from "../lifecycle/kill-point.ts";

/** A whole number written in decimal digits. */
export function wholeNumber(min: number, max: number) {
  const sentence = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, sentence)
    .transform(Number)
    .refine((value) => value >= min && value <= max, sentence);
}

/** A TCP port; 0 takes any free one. */
export function port(byDefault: number) {
  return wholeNumber(0, 65_535).default(byDefault);
}

/** Connections of this process's pool at most. */
export function poolMax(byDefault: number) {
  return wholeNumber(1, 1_000).default(byDefault);
}

/** Values separated by commas. */
function list(isValid: (item: string) => boolean, sentence: string) {
  return z
    .string()
    .transform((text) => text.split(",").map((item) => item.trim()))
    .refine((items) => items.every(isValid), `must be a comma-separated list; each ${sentence}`);
}

/** JSON that the schema accepts. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: "custom", message: "must be JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

export const databaseUrl = z
  .string()
  .refine(
    (text) => /^postgres(ql)?:$/.test(protocolOf(text)),
    "must be a URL postgresql://user:password@host:port/database",
  );

export const redisUrl = z
  .string()
  .refine(
    (text) => /^rediss?:$/.test(protocolOf(text)) && /^\/?\d{0,4}$/.test(new URL(text).pathname),
    "must be a URL redis://user:password@host:port/number, or rediss:// for TLS",
  );

/** A word that turns something on. */
export const onOrOff = z.enum(["on", "off"], "must be on or off").transform((word) => word === "on");

/** kafkajs knows no IPv6 addresses. */
const hostAndPort = /^[A-Za-z0-9._-]+:\d{1,5}$/;

const isHostAndPort = (item: string): boolean =>
  hostAndPort.test(item) && Number(item.split(":")[1]) > 0 && Number(item.split(":")[1]) < 65_536;

export const kafkaBrokers = list(isHostAndPort, "like kafka.example.com:9092");

const saslMechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;

/** `mechanism:user:password`; the password may hold colons. */
export const kafkaSasl = z.string().transform((text, context) => {
  const [word = "", username = "", ...rest] = text.split(":");
  const mechanism = saslMechanisms.find((name) => name === word.toLowerCase());
  const password = rest.join(":");
  if (mechanism && username && password) return { mechanism, username, password };
  context.addIssue({
    code: "custom",
    message: `must be mechanism:user:password, the mechanism one of ${saslMechanisms.join(", ")}`,
  });
  return z.NEVER;
});

/** What Kafka takes in a name, with room for the name that follows. */
export const kafkaPrefix = z
  .string()
  .regex(/^[A-Za-z0-9._-]{0,100}$/, "must be 100 or fewer of A-Z, a-z, 0-9, dot, underscore and hyphen");

export const secret = z
  .string()
  .regex(/^[A-Za-z0-9_-]+={0,2}$/, "must be base64url")
  .transform((text): Uint8Array => new Uint8Array(Buffer.from(text, "base64url")))
  .refine((bytes) => bytes.byteLength >= 32, "must hold 32 bytes or more, as base64url");

/** Where something of Echo answers: an origin, without a path. */
export const baseUrl = z
  .string()
  .refine(
    (text) => isOriginPattern(text) && !text.endsWith(":*"),
    "must be like https://console.example.com, without a path",
  );

/** The same of a WebSocket. */
export const webSocketUrl = z
  .string()
  .refine(
    (text) => /^wss?:/.test(text) && isOriginPattern(text.replace(/^ws/, "http")) && !text.endsWith(":*"),
    "must be like wss://realtime.example.com, without a path",
  );

export const origins = list(isOriginPattern, "like https://app.example.com, or http://localhost:* for any port");

export const proxies = list(isAddressOrRange, "an IP address or a CIDR range like 10.0.0.0/8");

export const hostAddress = z
  .string()
  .regex(/^[A-Za-z0-9.:-]+$/, "must be an IP address or a host name, without a port");

/** Set by somebody who expects a driver that this version does not have: better a sentence than a surprise. */
export const notYet = (what: string) => z.undefined({ error: `this version has no ${what}; unset it` }).optional();

function protocolOf(text: string): string {
  return URL.canParse(text) ? new URL(text).protocol : "";
}

function isAddressOrRange(text: string): boolean {
  if (!text.includes("/")) return parseAddress(text) !== null;
  try {
    ipaddr.parseCIDR(text);
    return true;
  } catch {
    return false;
  }
}

/** A point of `killPoints`, and which passing of it is meant: `append>wake`, `append>wake:7`. */
export const killAt = z.string().transform((text, context): KillAt => {
  const [, point = "", nth = "1"] = /^([a-z>]+)(?::([1-9]\d{0,5}))?$/.exec(text) ?? [];
  if (isKillPoint(point)) return { point, nth: Number(nth) };
  context.addIssue(`must be one of ${killPoints.join(", ")}, or that and the number of its passing: drain:2`);
  return z.NEVER;
});
