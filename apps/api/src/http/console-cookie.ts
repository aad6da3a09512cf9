/** What a browser keeps of a session in the console: an opaque token, readable for nobody but this origin's server. */
export interface ConsoleCookie {
  /** The token of a request's Cookie header; null when there is none of its form. */
  read(header: string | undefined): string | null;
  write(token: string, maxAgeSeconds: number): string;
  /** Makes the browser forget it. */
  clear(): string;
}

function createConsoleCookie(name: string, own: string): ConsoleCookie {
  const form = new RegExp(`(?:^|; *)${name}=([A-Za-z0-9_-]{43})(?:;|$)`);
  const attributes = `Path=/; HttpOnly; SameSite=Strict${own}`;
  return {
    read: (header = "") => form.exec(header)?.[1] ?? null,
    write: (token, maxAgeSeconds) => `${name}=${token}; Max-Age=${maxAgeSeconds}; ${attributes}`,
    clear: () => `${name}=; Max-Age=0; ${attributes}`,
  };
}

/** `__Host-` binds the cookie to one origin and to https (RFC 6265bis, 4.1.3.2); plain http has loopback alone. */
const ofHttps = createConsoleCookie("__Host-echo_console", "; Secure");
const ofHttp = createConsoleCookie("echo_console", "");

/** The one that the console at this address gives. */
export const consoleCookieOf = (consoleUrl: string): ConsoleCookie =>
  consoleUrl.startsWith("https:") ? ofHttps : ofHttp;
