import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createOriginCheck } from "../http/origin-check.ts";
import { embeddedEnvironment, kafkaOptionsOf, processSchema } from "./process-schema.ts";
import { ConfigError, readConfig } from "./read-config.ts";
import { databaseUrl, poolMax, port } from "./variables.ts";

const schema = processSchema({
  API_PORT: port(8080),
  API_INTERNAL_PORT: port(9080),
  DB_POOL_MAX: poolMax(25),
});
const secret = randomBytes(32).toString("base64url");
const read = (environment: Record<string, string | undefined>) =>
  readConfig(schema, { ECHO_SECRET: secret, ...environment });

function faultsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    read(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

test("every variable but the secret has a default that serves the embedded mode", () => {
  expect(read({})).toMatchObject({
    ECHO_HOME: ".echo",
    ECHO_HOST: "127.0.0.1",
    ECHO_INTERNAL_HOST: "127.0.0.1",
    ECHO_ISSUER: "echo-backend",
    ECHO_TRUSTED_PROXIES: [],
    ECHO_EMAIL_VERIFICATION: "optional",
    ECHO_LOG_DAYS: 7,
    LOG_LEVEL: "info",
    ARGON2_MEMORY_KIB: 65_536,
    DB_NAMED_STATEMENTS: true,
    DB_POOL_MAX: 25,
    API_PORT: 8080,
    API_INTERNAL_PORT: 9080,
    ECHO_SECRET: new Uint8Array(Buffer.from(secret, "base64url")),
  });
});

test("the embedded mode lets pages of this machine in, a given database nobody that was not named", () => {
  const embedded = createOriginCheck(read({}).ECHO_ORIGINS);
  const given = read({ DATABASE_URL: "postgresql://echo@db/echo" });

  expect(embedded("http://localhost:3001")).toBe(true);
  expect(given.ECHO_ORIGINS).toEqual([]);
  expect(given.ECHO_HOST).toBe("0.0.0.0");
  expect(given.DATABASE_DIRECT_URL).toBe("postgresql://echo@db/echo");
});

test("what the embedded starter gives its processes makes them the embedded mode's again", () => {
  const { ECHO_HOST, ECHO_ORIGINS } = read({ DATABASE_URL: "postgresql://echo@db/echo", ...embeddedEnvironment });

  expect(ECHO_HOST).toBe("127.0.0.1");
  expect(ECHO_ORIGINS).toEqual(read({}).ECHO_ORIGINS);
});

test("an empty variable counts as not set, and space around a value as not there", () => {
  expect(read({ LOG_LEVEL: "", API_PORT: " 8090\n" })).toMatchObject({ LOG_LEVEL: "info", API_PORT: 8090 });
});

test("lists, JSON and numbers come parsed", () => {
  const config = read({
    ECHO_ORIGINS: "https://app.example.com, http://localhost:*",
    ECHO_TRUSTED_PROXIES: "10.0.0.0/8,::1",
    ECHO_LIMITS: '{"anonymous":{"limit":3},"socketsPerUser":2}',
    ECHO_LIFETIMES: '{"accessMs":1000}',
    DB_NAMED_STATEMENTS: "off",
  });

  expect(config.ECHO_ORIGINS).toEqual(["https://app.example.com", "http://localhost:*"]);
  expect(config.ECHO_TRUSTED_PROXIES).toEqual(["10.0.0.0/8", "::1"]);
  expect(config.ECHO_LIMITS.anonymous).toEqual({ name: "anonymous", kind: "fixed", limit: 3, windowMs: 60_000 });
  expect(config.ECHO_LIMITS).toMatchObject({ socketsPerUser: 2, socketsPerIpUnauthenticated: 20 });
  expect(config.ECHO_LIFETIMES).toMatchObject({ accessMs: 1_000, refreshMs: 604_800_000 });
  expect(config.DB_NAMED_STATEMENTS).toBe(false);
});

test("all faults are named at once: single variables', those between variables, and the process's own", () => {
  const faults = faultsOf({
    API_PORT: "http",
    ECHO_SECRET: "short",
    LOG_LEVEL: "loud",
    DATABASE_DIRECT_URL: "postgresql://echo@db/echo",
    ECHO_KILL_AT: "drain",
    ARGON2_MEMORY_KIB: "1024",
    ECHO_LIMITS: '{"user":{"burst":0},"colour":1}',
    REDIS_URL: "http://cache",
  });

  expect(faults.map((fault) => fault.split(":")[0]).sort()).toEqual([
    "API_PORT",
    "ARGON2_MEMORY_KIB",
    "DATABASE_DIRECT_URL",
    "ECHO_KILL_AT",
    "ECHO_LIMITS",
    "ECHO_LIMITS.user.burst",
    "ECHO_SECRET",
    "LOG_LEVEL",
    "REDIS_URL",
  ]);
});

test.each([
  ["API_PORT", "65536"],
  ["API_PORT", "-1"],
  ["API_PORT", "1e3"],
  ["API_INTERNAL_PORT", "8080"],
  ["DATABASE_URL", "mysql://echo@db/echo"],
  ["DATABASE_URL", "db"],
  ["DB_POOL_MAX", "0"],
  ["DB_NAMED_STATEMENTS", "yes"],
  ["ECHO_HOST", "http://localhost"],
  ["ECHO_SECRET", undefined],
  ["ECHO_SECRET", "with spaces and umlauts äöü, long enough otherwise"],
  ["ECHO_SECRET_PREVIOUS", randomBytes(31).toString("base64url")],
  ["ECHO_ISSUER", "two words"],
  ["ECHO_ORIGINS", "*"],
  ["ECHO_ORIGINS", "https://app.example.com/path"],
  ["ECHO_ORIGINS", "https://app.example.com,"],
  ["ECHO_TRUSTED_PROXIES", "10.0.0.0/33"],
  ["ECHO_TRUSTED_PROXIES", "proxy.local"],
  ["ECHO_LIMITS", "{"],
  ["ECHO_LIMITS", "[]"],
  ["ECHO_LIMITS", '{"send":{"perSecond":0}}'],
  ["ECHO_LIFETIMES", '{"accessMs":900001}'],
  ["ECHO_LIFETIMES", '{"accessMs":0}'],
  ["ECHO_LIFETIMES", '{"access":1}'],
  ["ECHO_EMAIL_VERIFICATION", "required"],
  ["ECHO_LOG_DAYS", "7 days"],
  ["ARGON2_MEMORY_KIB", "19455"],
  ["REDIS_URL", "redis"],
  ["REDIS_URL", "http://cache:6379"],
  ["REDIS_URL", "redis://cache:6379/first"],
  ["KAFKA_BROKERS", "broker"],
  ["KAFKA_BROKERS", "broker:9092,"],
  ["KAFKA_BROKERS", "kafka://broker:9092"],
  ["KAFKA_SSL", "on"],
  ["KAFKA_SASL", "plain:echo:secret"],
  ["KAFKA_BROKERS", "[::1]:9092"],
  ["SMTP_URL", "smtp://mail"],
])("%s=%s is one fault that names it and does not repeat the value", (name, value) => {
  const faults = faultsOf({ [name]: value });

  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name}[.:]`));
  if (value !== undefined && name.includes("SECRET")) expect(faults[0]).not.toContain(value);
});

test.each([
  ["KAFKA_SSL", "yes"],
  ["KAFKA_SASL", "plain:echo"],
  ["KAFKA_SASL", "gssapi:echo:hidden"],
  ["KAFKA_TOPIC_PREFIX", "two words"],
])("%s=%s beside brokers is one fault that does not repeat the value", (name, value) => {
  const faults = faultsOf({ KAFKA_BROKERS: "broker:9092", [name]: value });

  expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name}: must be`))]);
  expect(faults[0]).not.toContain(value);
});

test("what tells more of Kafka is read with its brokers", () => {
  const { KAFKA_SASL: sasl, ...config } = read({
    KAFKA_BROKERS: "one.example.com:9092, 10.0.0.7:9093",
    KAFKA_SSL: "on",
    KAFKA_SASL: "SCRAM-SHA-512:echo:with:colons",
    KAFKA_TOPIC_PREFIX: "chat.",
  });

  expect(sasl).toEqual({ mechanism: "scram-sha-512", username: "echo", password: "with:colons" });
  expect(kafkaOptionsOf("echo-worker", { ...config, KAFKA_SASL: sasl })).toEqual({
    brokers: ["one.example.com:9092", "10.0.0.7:9093"],
    isTls: true,
    sasl,
    prefix: "chat.",
    clientId: "echo-worker",
  });
  expect(kafkaOptionsOf("echo-worker", read({}))).toBeNull();
});

test("tests may hash cheaply and die at a label", () => {
  const test = { NODE_ENV: "test", ARGON2_MEMORY_KIB: "64" };

  expect(read({ ...test, ECHO_KILL_AT: "drain" })).toMatchObject({
    ARGON2_MEMORY_KIB: 64,
    ECHO_KILL_AT: { point: "drain", nth: 1 },
  });
  expect(read({ ...test, ECHO_KILL_AT: "append>wake:7" }).ECHO_KILL_AT).toEqual({ point: "append>wake", nth: 7 });
  for (const wrong of ["lunch", "drain:0", "drain:x", "drain:1:2"]) {
    expect(faultsOf({ ...test, ECHO_KILL_AT: wrong })).toEqual([
      expect.stringMatching(/^ECHO_KILL_AT: must be one of/),
    ]);
  }
});

test("a process may ask for a variable that others can do without", () => {
  const strict = processSchema({ DATABASE_URL: databaseUrl });

  expect(() => readConfig(strict, { ECHO_SECRET: secret })).toThrow("DATABASE_URL");
});
