/** What no waiting mends, as a sentence for the operator; null when Redis may come yet. */
export function startFault(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error ? String(error.code) : "";
  if (/^(WRONGPASS|NOAUTH|ERR AUTH|NOPERM)|invalid password|invalid username-password/i.test(error.message)) {
    return "REDIS_URL: Redis refuses this user and password.";
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS/.test(code)) {
    return `REDIS_URL: the certificate of Redis is not trusted (${code}); name its authority in NODE_EXTRA_CA_CERTS.`;
  }
  if (/^ERR_SSL|EPROTO/.test(code)) return "REDIS_URL: Redis does not speak TLS on this port; write redis:// for it.";
  return /DB index is out of range/i.test(error.message) ? `REDIS_URL: ${error.message}.` : null;
}
