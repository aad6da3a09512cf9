/** The embedded mode's list: pages of this machine, whatever their port. */
export const loopbackOrigins = [
  "http://localhost:*",
  "http://127.0.0.1:*",
  "https://localhost:*",
  "https://127.0.0.1:*",
] as const;

const anyPort = /:\*$/;

/** An origin as browsers send it (RFC 6454), or one that ends in `:*` for any port. */
export function isOriginPattern(text: string): boolean {
  const origin = text.replace(anyPort, "");
  if (!/^https?:\/\/[a-z0-9.:[\]-]+$/.test(origin) || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && (!anyPort.test(text) || url.port === "");
}

/** @param patterns ECHO_ORIGINS */
export function createOriginCheck(patterns: readonly string[]): (origin: string) => boolean {
  const exact = new Set(patterns);
  return (origin) =>
    !anyPort.test(origin) && isOriginPattern(origin) && (exact.has(origin) || exact.has(withAnyPort(origin)));
}

function withAnyPort(origin: string): string {
  const { protocol, hostname } = new URL(origin);
  return `${protocol}//${hostname}:*`;
}
