import { expect, test } from "vitest";
import { createClientIp, ipKey, parseAddress } from "./client-ip.ts";

test("without trusted proxies the peer is the client, whatever it claims", () => {
  const clientIp = createClientIp([]);

  expect(clientIp("203.0.113.7", "198.51.100.1")).toBe("203.0.113.7");
});

test.each([
  ["one proxy", "10.0.0.1", "198.51.100.1", "198.51.100.1"],
  ["two proxies of the list", "10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"],
  ["a client that forges an entry", "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"],
  ["nothing forwarded", "10.0.0.1", undefined, "10.0.0.1"],
  ["only proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ["an untrusted peer", "203.0.113.7", "10.0.0.2", "203.0.113.7"],
  ["a name", "10.0.0.1", "198.51.100.1, unknown", "10.0.0.1"],
  ["markup", "10.0.0.1", "<script>", "10.0.0.1"],
  ["an address with port", "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"],
  ["an IPv6 address with port", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"],
  ["a port that is none", "10.0.0.1", "198.51.100.1:http", "10.0.0.1"],
  ["an octal form", "10.0.0.1", "0177.0.0.1", "10.0.0.1"],
  ["a number", "10.0.0.1", "2130706433", "10.0.0.1"],
  ["mapped addresses", "::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"],
  ["IPv6 written differently", "10.0.0.1", "2001:DB8:0:0::0001", "2001:db8::1"],
  ["a trusted IPv6 range", "fd00::5", "2001:db8::7", "2001:db8::7"],
  ["no peer", undefined, "198.51.100.1", "0.0.0.0"],
])("%s: peer %s, forwarded for %s", (...[, peer, forwardedFor, expected]) => {
  const clientIp = createClientIp(["10.0.0.0/8", "fd00::/8"]);

  expect(clientIp(peer, forwardedFor)).toBe(expected);
});

test("several X-Forwarded-For headers count as one list", () => {
  expect(createClientIp(["10.0.0.1"])("10.0.0.1", ["1.1.1.1", "198.51.100.1"])).toBe("198.51.100.1");
});

test("an IPv6 is counted by its /64, an IPv4 by itself, mapped or not", () => {
  expect(ipKey("2001:db8:1:2:3:4:5:6")).toBe(ipKey("2001:db8:1:2:ffff::1"));
  expect(ipKey("2001:db8:1:2::1")).not.toBe(ipKey("2001:db8:1:3::1"));
  expect(ipKey("2001:db8:1:2::1")).toBe("2001:db8:1:2::/64");
  expect(ipKey("::ffff:203.0.113.7")).toBe("203.0.113.7");
});

test.each(["", "localhost", "1.2.3", "1.2.3.4.5", "1.2.3.256", "fe80::1%eth0", "::g", "1.2.3.4/8"])(
  "%j is no address",
  (text) => {
    expect(parseAddress(text)).toBeNull();
  },
);
