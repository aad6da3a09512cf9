import type { ErrorCode, Limiter } from "@echo/contracts";

interface EchoErrorOptions {
  cause?: unknown;
  retryAfterMs?: number;
  limiter?: Limiter;
}

/** A code plus a sentence for people; mapped once per transport. */
export class EchoError extends Error {
  override readonly name = "EchoError";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly limiter: Limiter | undefined;

  constructor(code: ErrorCode, message: string, options: EchoErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.limiter = options.limiter;
  }
}

const named =
  (code: ErrorCode) =>
  (message: string, cause?: unknown): EchoError =>
    new EchoError(code, message, { cause });

export const badRequest = named("BAD_REQUEST");
export const unauthorized = named("UNAUTHORIZED");
export const forbidden = named("FORBIDDEN");
export const stepUpRequired = named("STEP_UP_REQUIRED");
export const notFound = named("NOT_FOUND");
export const timedOut = named("TIMEOUT");
export const conflict = named("CONFLICT");
export const preconditionFailed = named("PRECONDITION_FAILED");
export const payloadTooLarge = named("PAYLOAD_TOO_LARGE");
export const internal = named("INTERNAL");
export const unavailable = named("UNAVAILABLE");

/** @param retryAfterMs when the same call may pass */
export function tooManyRequests(limiter: Limiter, retryAfterMs: number): EchoError {
  return new EchoError("TOO_MANY_REQUESTS", `Too many requests (${limiter}); try again later`, {
    limiter,
    retryAfterMs,
  });
}
