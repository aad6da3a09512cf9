import ipaddr, { type IPv4, type IPv6 } from "ipaddr.js";

/**
 * An address in its one canonical form, or null: IPv4 mapped into IPv6 (::ffff:a.b.c.d) comes as IPv4, a zone is
 * refused, and so are the octal, hex and short forms that people read differently than machines.
 */
export function parseAddress(text: string): IPv4 | IPv6 | null {
  const isPlain = ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(":") && /^[0-9a-fA-F:.]+$/.test(text));
  return isPlain && ipaddr.isValid(text) ? ipaddr.process(text) : null;
}

/** Gives a request's address from its TCP peer and its X-Forwarded-For. */
export type ClientIp = (peer: string | undefined, forwardedFor: string | readonly string[] | undefined) => string;

/**
 * Believes X-Forwarded-For only as far as trusted proxies wrote it: from the right, the first address that is not one of
 * theirs is the client. What is no address ends the walk, so that a forged entry never becomes a name.
 * @param trustedProxies addresses and CIDR ranges (ECHO_TRUSTED_PROXIES)
 */
export function createClientIp(trustedProxies: readonly string[]): ClientIp {
  const ranges = trustedProxies.map(toRange);
  const isTrusted = (address: IPv4 | IPv6) =>
    ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  return (peer, forwardedFor) => {
    let client = parseAddress(peer ?? "");
    if (!client) return "0.0.0.0";
    for (const hop of hopsFromRight(forwardedFor)) {
      if (!isTrusted(client)) break;
      const address = parseAddress(withoutPort(hop));
      if (!address) break;
      client = address;
    }
    return client.toString();
  };
}

/** What an address is counted under: itself, or the /64 of an IPv6, which one customer has to himself. */
export function ipKey(ip: string): string {
  const address = parseAddress(ip);
  if (address === null || address.kind() === "ipv4") return address?.toString() ?? ip;
  const network = address.toByteArray().slice(0, 8);
  return `${ipaddr.fromByteArray([...network, 0, 0, 0, 0, 0, 0, 0, 0]).toString()}/64`;
}

function toRange(text: string): [IPv4 | IPv6, number] {
  if (text.includes("/")) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

/** Some proxies write the port too: `192.0.2.1:443`, `[2001:db8::1]:443`. */
function withoutPort(hop: string): string {
  return /^\[([^\]]+)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(hop)?.[1] ?? hop;
}

function hopsFromRight(forwardedFor: string | readonly string[] | undefined): string[] {
  const header = typeof forwardedFor === "string" ? forwardedFor : (forwardedFor ?? []).join(",");
  return header
    .split(",")
    .map((hop) => hop.trim())
    .reverse();
}
