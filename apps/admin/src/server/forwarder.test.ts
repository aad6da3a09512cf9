import {
  createForwardedClientReader,
  createForwardedClientSigner,
  forwardedClientHeader,
  systemClock,
} from "@echo/platform";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildWithinMs, startReceiver, startTestConsole, type TestConsole, testSecret } from "./test-console.ts";
import { ask } from "./test-request.ts";

const secret = new Uint8Array(Buffer.from(testSecret, "base64url"));
const read = createForwardedClientReader({ secret, previousSecret: null, clock: systemClock });

let receiver: Awaited<ReturnType<typeof startReceiver>>;
let direct: TestConsole;
let behindProxy: TestConsole;

beforeAll(async () => {
  receiver = await startReceiver();
  direct = await startTestConsole({ ECHO_API_URL: receiver.url });
  behindProxy = await startTestConsole({ ECHO_API_URL: receiver.url, ECHO_TRUSTED_PROXIES: "127.0.0.0/8" });
}, buildWithinMs);

afterAll(async () => {
  await direct[Symbol.asyncDispose]();
  await behindProxy[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** The headers with which a call arrives at the API. */
async function arrivalOf({ port }: TestConsole, headers: Record<string, string>) {
  const before = receiver.arrived.length;
  await ask(port, "/trpc/admin.me", { headers });
  return receiver.arrived[before]?.headers ?? {};
}

test("the API learns the peer's address, signed", async () => {
  const headers = await arrivalOf(direct, {});

  expect(headers["x-forwarded-for"]).toBe("127.0.0.1");
  expect(read(headers[forwardedClientHeader])).toBe("127.0.0.1");
});

test("a forged address does not pass, whatever header it stands in", async () => {
  const forged = "203.0.113.9";
  const headers = await arrivalOf(direct, {
    "x-forwarded-for": forged,
    "x-forwarded-host": "evil.example",
    "x-real-ip": forged,
    forwarded: `for=${forged}`,
  });

  expect(headers["x-forwarded-for"]).toBe("127.0.0.1");
  expect(read(headers[forwardedClientHeader])).toBe("127.0.0.1");
  expect(JSON.stringify(headers)).not.toContain(forged);
  expect(JSON.stringify(headers)).not.toContain("evil.example");
});

test("a signature of the client's own does not pass, be it a real one that he kept", async () => {
  const kept = createForwardedClientSigner({ secret, clock: systemClock })("203.0.113.9");

  const headers = await arrivalOf(direct, { [forwardedClientHeader]: kept });

  expect(headers[forwardedClientHeader]).not.toContain("203.0.113.9");
  expect(read(headers[forwardedClientHeader])).toBe("127.0.0.1");
});

test("a trusted proxy is believed, as far as it wrote itself", async () => {
  const headers = await arrivalOf(behindProxy, { "x-forwarded-for": "198.51.100.1, 203.0.113.9" });

  expect(headers["x-forwarded-for"]).toBe("203.0.113.9");
  expect(read(headers[forwardedClientHeader])).toBe("203.0.113.9");
});

test("a request id that is fit for a log is passed on, another one replaced", async () => {
  const fit = await arrivalOf(direct, { "x-request-id": "abc-1", "x-correlation-id": "act-1" });
  const unfit = await arrivalOf(direct, { "x-request-id": "a b\tc" });

  expect(fit).toMatchObject({ "x-request-id": "abc-1", "x-correlation-id": "act-1" });
  expect(unfit["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
});
