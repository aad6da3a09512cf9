/**
 * Headers of every answer, a raw refusal before routing included (OWASP Secure Headers; docs/security.md "HTTP").
 * The API serves JSON alone, so nothing of it may be framed, executed or embedded.
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

/** Two years; only where the browser's own connection is TLS, else it would lock a developer out of localhost. */
export const strictTransportSecurity = "max-age=63072000; includeSubDomains";

/** Of an answer that the pipeline never saw. */
export const refusalHeaders: Readonly<Record<string, string>> = {
  ...securityHeaders,
  "cache-control": "no-store",
  "x-api-version": "1",
};
