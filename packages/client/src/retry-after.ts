import { backoffMs } from "./backoff.ts";
import { errorCode, errorData } from "./errors.ts";

/** A fault of the server may pass; this often in a row it is the call's. */
const maxInternalErrors = 5;

/**
 * When to try a failed call again. Null: another try would fare no better.
 * @param attempt 0 for the first failure in a row
 */
export function retryAfterMs(error: unknown, attempt: number): number | null {
  switch (errorCode(error)) {
    case "NETWORK":
    case "UNAVAILABLE":
    case "TIMEOUT":
      return backoffMs(attempt);
    case "TOO_MANY_REQUESTS":
      return Math.max(errorData(error)?.retryAfterMs ?? 0, backoffMs(attempt));
    case "INTERNAL":
      return attempt < maxInternalErrors ? backoffMs(attempt) : null;
    default:
      return null;
  }
}
