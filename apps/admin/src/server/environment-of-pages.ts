import type { ConsoleConfig } from "./config.ts";

/** What Next's side of the process reads from the environment, each with its default in place. */
export function environmentOfPages({ apiUrl, consoleUrl }: ConsoleConfig): Record<string, string> {
  return { ECHO_API_URL: apiUrl, ECHO_CONSOLE_URL: consoleUrl, NEXT_TELEMETRY_DISABLED: "1" };
}
