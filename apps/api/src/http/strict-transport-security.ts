/** Two years; only where the browser's own connection is TLS, else it would lock a developer out of localhost. */
export const strictTransportSecurity = "max-age=63072000; includeSubDomains";
