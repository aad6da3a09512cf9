const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Against DNS rebinding (a stranger's page whose name suddenly resolves to loopback): only these names may stand in a
 * Host header. Others are answered 421 (RFC 9110, 15.5.20). The port is not looked at: it says nothing about who asks.
 * @param origins ECHO_ORIGINS, whose hosts are let in beside loopback
 */
export function createHostCheck(origins: readonly string[]): (host: string | undefined) => boolean {
  const names = new Set([...loopbackNames, ...origins.map(hostnameOf)]);
  return (host) => host !== undefined && names.has(nameOf(host));
}

/** True for an address that only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether a URL, or an origin of any port, is of this machine. */
export const isLoopbackUrl = (url: string): boolean => isLoopback(hostnameOf(url).replace(/^\[|\]$/g, ""));

const hostnameOf = (url: string): string => new URL(url.replace(/:\*$/, "")).hostname;

function nameOf(host: string): string {
  return host.replace(/:\d{1,5}$/, "").toLowerCase();
}
