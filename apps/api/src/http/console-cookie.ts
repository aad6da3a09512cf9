/** What a browser keeps of a session in the console: an opaque token, readable for nobody but this origin's server. */
export interface ConsoleCookie {
  /** The token of a request's Cookie header; null when there is none of its form. */
  read(header: string | undefined): string | null;
  write(token: string, maxAgeSeconds: number): string;
  /** Makes the browser forget it. */
  clear(): string;
}

/** `__Host-` binds the cookie to one origin and to https (RFC 6265bis, 4.1.3.2); plain http has loopback alone. */
export function createConsoleCookie(consoleUrl: string): ConsoleCookie {
  const isSecure = consoleUrl.startsWith("https:");
  const name = isSecure ? "__Host-echo_console" : "echo_console";
  const form = new RegExp(`(?:^|; *)${name}=([A-Za-z0-9_-]{43})(?:;|$)`);
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  return {
    read: (header = "") => form.exec(header)?.[1] ?? null,
    write: (token, maxAgeSeconds) => `${name}=${token}; Max-Age=${maxAgeSeconds}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}
