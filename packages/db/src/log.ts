/** How this package tells its process something; the process gives its logger. */
export type Log = (
  level: "debug" | "info" | "warn" | "error",
  message: string,
  fields?: Record<string, unknown>,
) => void;

export const silent: Log = () => undefined;
