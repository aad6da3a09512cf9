/**
 * Headers of every answer of a door that serves JSON alone: nothing of it may be framed, executed or embedded
 * (OWASP Secure Headers; docs/security.md "HTTP").
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-xss-protection": "0",
};

/** Of an answer that no pipeline saw: a refusal before routing, and the probes of the hub. */
export const refusalHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  "cache-control": "no-store",
  "x-api-version": "1",
};

/** Two years; only where the browser's own connection is TLS, else it would lock a developer out of localhost. */
export const strictTransportSecurity = "max-age=63072000; includeSubDomains";
