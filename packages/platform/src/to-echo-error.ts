import { DbError, type DbErrorKind } from "@echo/db";
import { EchoError, unavailable } from "./errors.ts";

/** What passes by itself: the caller may try again. Everything else of a database is our own fault. */
const passing: ReadonlySet<DbErrorKind> = new Set([
  "unavailable",
  "timeout",
  "lockTimeout",
  "serialization",
  "deadlock",
]);

/** The EchoError that a transport answers for whatever was thrown; null for what nobody foresaw. */
export function toEchoError(error: unknown): EchoError | null {
  if (error instanceof EchoError) return error;
  if (error instanceof DbError && passing.has(error.kind)) {
    return unavailable("The database does not answer; try again", error);
  }
  return null;
}
