import { expect, test } from "vitest";
import { EchoError } from "../errors.ts";
import { identifyRequest, withRequestContext } from "../request-context/request-context.ts";
import { createLogger, type LogLevel } from "./create-logger.ts";

function capture(level: LogLevel = "debug") {
  const written: string[] = [];
  const logger = createLogger({ service: "api", level, destination: { write: (line) => void written.push(line) } });
  const lines = (): Record<string, unknown>[] => written.map((line) => JSON.parse(line));
  return { logger, written, lines };
}

test("a line is one JSON object with timestamp, level, service, message and its fields in snake_case", () => {
  const { logger, written, lines } = capture();

  logger.info("request completed", { durationMs: 12, statusCode: 200 });

  expect(written).toHaveLength(1);
  expect(written[0]).toMatch(/^\{.*\}\n$/);
  expect(lines()).toEqual([
    {
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      level: "info",
      service: "api",
      message: "request completed",
      duration_ms: 12,
      status_code: 200,
    },
  ]);
});

test("a line of a request names the request, its correlation and its user", () => {
  const { logger, lines } = capture();

  withRequestContext({ requestId: "r1", correlationId: "c1" }, () => {
    logger.info("before the token");
    identifyRequest("u1");
    logger.info("after the token");
  });
  logger.info("outside");

  expect(lines()).toMatchObject([
    { request_id: "r1", correlation_id: "c1" },
    { request_id: "r1", correlation_id: "c1", user_id: "u1" },
    {},
  ]);
  expect(lines()[0]).not.toHaveProperty("user_id");
  expect(lines()[2]).not.toHaveProperty("request_id");
});

test("lines below the level are not written", () => {
  const { logger, lines } = capture("warn");

  logger.debug("no");
  logger.info("no");
  logger.warn("yes");
  logger.error("yes");
  logger.fatal("yes");

  expect(lines().map((line) => line.level)).toEqual(["warn", "error", "fatal"]);
});

test("a child's lines carry its fields, and a line's own field wins", () => {
  const { logger, written, lines } = capture();

  logger.child({ connectionId: "a", attempt: 1 }).warn("again", { attempt: 2 });

  expect(lines()).toMatchObject([{ connection_id: "a", attempt: 2 }]);
  expect(written[0]?.match(/"attempt"/g)).toHaveLength(1);
});

test("a field cannot overwrite what every line has", () => {
  const { logger, written, lines } = capture();

  logger.error("failed", { level: 30, message: "mine", service: "mine", timestamp: 0 });

  expect(lines()).toMatchObject([{ level: "error", message: "failed", service: "api", field_level: 30 }]);
  expect(written[0]?.match(/"level"/g)).toHaveLength(1);
});

test.each([
  ["password", "accessToken", "refresh_token", "device-token", "Authorization", "cookie", "Set-Cookie", "secret"],
  ["ECHO_SECRET", "DATABASE_URL", "privateKey", "recoveryCodes", "challenge", "otp", "email", "phone"],
  ["text", "html", "body", "content", "excerpt", "metadata", "title", "connectionParams", "input"],
])("a canary in %s and its kind appears in no line, at any depth", (...names) => {
  const { logger, written } = capture();
  const canary = "canary-5f1e";

  for (const name of names) {
    logger.info("flat", { [name]: canary });
    logger.info("deep", { request: [{ headers: { [name]: [canary] } }] });
    logger.child({ [name]: { value: canary } }).info("child");
  }

  expect(written).toHaveLength(names.length * 3);
  expect(written.join("")).not.toContain(canary);
});

test("secrets that a sentence quotes are masked", () => {
  const { logger, written } = capture();
  const jwt = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJl";

  logger.error(`cannot reach postgresql://echo:canary@db:5432/echo with Bearer canary-token, ${jwt}`, {
    url: "https://app.test/reset-password#token=canary",
    error: new Error("connect redis://:canary@cache:6379", { cause: new Error("Basic canary==") }),
  });

  expect(written.join("")).not.toContain("canary");
  expect(written.join("")).not.toContain("eyJ");
  expect(written.join("")).toContain("postgresql://echo:[redacted]@db:5432/echo");
});

test("a one-time code is masked, an error's code is told", () => {
  const { logger, lines } = capture();

  logger.info("codes", {
    flows: [{ code: "123456" }, { code: "k3j9-x2p4" }, { code: "NOT_FOUND" }, { code: "23505" }],
  });

  expect(lines()[0]?.flows).toEqual([
    { code: "[redacted]" },
    { code: "[redacted]" },
    { code: "NOT_FOUND" },
    { code: "23505" },
  ]);
});

test("an error tells name, message, code, stack and causes, and nothing that a driver hung on it", () => {
  const { logger, lines } = capture();
  const cause = Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (email)=(canary) exists" });

  logger.error("failed", { error: new EchoError("CONFLICT", "taken", { cause }) });

  expect(lines()[0]?.error).toMatchObject({
    name: "EchoError",
    message: "taken",
    code: "CONFLICT",
    stack: expect.stringContaining("create-logger.test.ts"),
    cause: { message: "duplicate key", code: "23505" },
  });
  expect(JSON.stringify(lines())).not.toContain("canary");
});

test("what JSON cannot hold, circles and floods become a short word instead of an exception", () => {
  const { logger, written, lines } = capture();
  const circle: Record<string, unknown> = {};
  circle.self = circle;

  logger.info("odd", {
    circle,
    big: 1n,
    bytes: new Uint8Array(16),
    never: new Date(Number.NaN),
    map: new Map([["a", 1]]),
    many: Array.from({ length: 10_000 }, (_, index) => index),
    run: () => undefined,
    huge: "x".repeat(1_000_000),
  });

  expect(lines()[0]).toMatchObject({ big: "1", bytes: "[16 bytes]", never: "[invalid date]", map: "[Map of 1]" });
  expect(written[0]?.length).toBeLessThan(12_000);
});
