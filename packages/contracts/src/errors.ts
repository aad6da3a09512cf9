import { z } from "zod";

/** Every code that Echo answers with, on every wire. */
export const ErrorCode = z.enum([
  "BAD_REQUEST",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "STEP_UP_REQUIRED",
  "NOT_FOUND",
  "TIMEOUT",
  "CONFLICT",
  "PRECONDITION_FAILED",
  "PAYLOAD_TOO_LARGE",
  "TOO_MANY_REQUESTS",
  "INTERNAL",
  "UNAVAILABLE",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** The policy that refused a call with TOO_MANY_REQUESTS. */
export const Limiter = z.enum([
  "anonymous",
  "user",
  "ipCeiling",
  "send",
  "socket",
  "codes",
  "register",
  "signIn",
  "secondFactor",
  "hashing",
  "subscriptions",
]);
export type Limiter = z.infer<typeof Limiter>;

/** `data` of an error on the wire; `message` stands beside it too. */
export const ErrorData = z.object({
  code: ErrorCode,
  message: z.string(),
  requestId: z.string(),
  retryAfterMs: z.int().optional(),
  limiter: Limiter.optional(),
});
export type ErrorData = z.infer<typeof ErrorData>;
