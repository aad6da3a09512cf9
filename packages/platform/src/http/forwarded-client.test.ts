import { expect, test } from "vitest";
import { createManualClock } from "../clock/clock.ts";
import { createForwardedClientReader, createForwardedClientSigner } from "./forwarded-client.ts";

const secret = new Uint8Array(32).fill(1);
const otherSecret = new Uint8Array(32).fill(2);
const clock = createManualClock();
const sign = createForwardedClientSigner({ secret, clock });
const read = createForwardedClientReader({ secret, previousSecret: null, clock });

test.each(["203.0.113.7", "2001:db8::7"])("what was signed for %s is read as it", (ip) => {
  expect(read(sign(ip))).toBe(ip);
});

test.each([
  ["nothing", undefined],
  ["an empty one", ""],
  ["an address alone", "203.0.113.7"],
  ["several", [sign("203.0.113.7"), sign("203.0.113.8")]],
  ["another address under the same signature", sign("203.0.113.7").replace("113.7", "113.8")],
  ["another time under the same signature", sign("203.0.113.7").replace(/;\d/, ";9")],
  ["a cut signature", sign("203.0.113.7").slice(0, -1)],
  ["a signature by another secret", createForwardedClientSigner({ secret: otherSecret, clock })("203.0.113.7")],
  ["what is no address", sign("localhost")],
  ["an octal address", sign("0177.0.0.1")],
])("%s is not believed", (...[, header]) => {
  expect(read(header)).toBeNull();
});

test("it is believed for 30 s, also from a clock that is ahead", () => {
  const later = createManualClock(clock.now());
  const header = createForwardedClientSigner({ secret, clock: later })("203.0.113.7");
  const readLater = createForwardedClientReader({ secret, previousSecret: null, clock: later });

  later.advance(30_000);
  expect(readLater(header)).toBe("203.0.113.7");
  later.advance(1);
  expect(readLater(header)).toBeNull();
  const ahead = createManualClock(new Date(later.now().getTime() + 20_000));
  expect(readLater(createForwardedClientSigner({ secret, clock: ahead })("203.0.113.7"))).toBe("203.0.113.7");
});

test("a console that still has the previous secret is believed while it is given", () => {
  const rotated = createForwardedClientReader({ secret: otherSecret, previousSecret: secret, clock });

  expect(rotated(sign("203.0.113.7"))).toBe("203.0.113.7");
  expect(createForwardedClientReader({ secret: otherSecret, previousSecret: null, clock })(sign("::1"))).toBeNull();
});
