import { format } from "node:util";
import type { Logger } from "@echo/platform";

/** Next writes to the console; there it becomes lines like all others, redacted and with the request's id. */
export function routeConsole(logger: Logger): void {
  const write =
    (level: "debug" | "info" | "warn" | "error") =>
    (...words: unknown[]): void => {
      const text = format(...words).trim();
      if (text) logger[level](text);
    };
  Object.assign(globalThis.console, {
    debug: write("debug"),
    log: write("info"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  });
}
