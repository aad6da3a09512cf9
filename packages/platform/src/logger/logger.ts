/** camelCase here; a line has snake_case, and what `redact.ts` lists is masked at any depth. */
export type LogFields = Record<string, unknown>;

/** One JSON line a call: timestamp, level, service, message, request_id, correlation_id, user_id and the fields given. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  fatal(message: string, fields?: LogFields): void;
  /** A logger whose lines carry these fields too. */
  child(fields: LogFields): Logger;
}
