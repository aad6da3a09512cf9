import type { ErrorCode, ErrorData } from "@echo/contracts";
import { EchoError, toEchoError } from "@echo/platform";
import { TRPCError } from "@trpc/server";
import { type TRPC_ERROR_CODE_KEY, type TRPC_ERROR_CODE_NUMBER, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { z } from "zod";

/** The number that tRPC's clients expect beside our code. */
const rpcCodeOf: Record<ErrorCode, TRPC_ERROR_CODE_NUMBER> = {
  BAD_REQUEST: TRPC_ERROR_CODES_BY_KEY.BAD_REQUEST,
  UNAUTHORIZED: TRPC_ERROR_CODES_BY_KEY.UNAUTHORIZED,
  FORBIDDEN: TRPC_ERROR_CODES_BY_KEY.FORBIDDEN,
  STEP_UP_REQUIRED: TRPC_ERROR_CODES_BY_KEY.FORBIDDEN,
  NOT_FOUND: TRPC_ERROR_CODES_BY_KEY.NOT_FOUND,
  TIMEOUT: TRPC_ERROR_CODES_BY_KEY.TIMEOUT,
  CONFLICT: TRPC_ERROR_CODES_BY_KEY.CONFLICT,
  PRECONDITION_FAILED: TRPC_ERROR_CODES_BY_KEY.PRECONDITION_FAILED,
  PAYLOAD_TOO_LARGE: TRPC_ERROR_CODES_BY_KEY.PAYLOAD_TOO_LARGE,
  TOO_MANY_REQUESTS: TRPC_ERROR_CODES_BY_KEY.TOO_MANY_REQUESTS,
  INTERNAL: TRPC_ERROR_CODES_BY_KEY.INTERNAL_SERVER_ERROR,
  UNAVAILABLE: TRPC_ERROR_CODES_BY_KEY.SERVICE_UNAVAILABLE,
};

/** The refusals that tRPC itself makes on a socket; whatever else it says is our fault. */
const codeOfTrpc: Partial<Record<TRPC_ERROR_CODE_KEY, ErrorCode>> = {
  BAD_REQUEST: "BAD_REQUEST",
  PARSE_ERROR: "BAD_REQUEST",
  METHOD_NOT_SUPPORTED: "BAD_REQUEST",
  NOT_FOUND: "NOT_FOUND",
};

/** An error as tRPC's wire carries it. */
export interface ErrorShape {
  code: TRPC_ERROR_CODE_NUMBER;
  message: string;
  data: ErrorData;
}

/** The one place where an error becomes what leaves the process. */
export function errorShape(error: unknown, requestId: string): ErrorShape {
  const { code, message, retryAfterMs, limiter } = publicError(error);
  const data = {
    code,
    message,
    requestId,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(limiter === undefined ? {} : { limiter }),
  };
  return { code: rpcCodeOf[code], message, data };
}

/** What a caller may know of it; INTERNAL for everything that nobody foresaw. */
function publicError(error: unknown): EchoError {
  const known = toEchoError(error);
  if (known !== null && known.code !== "INTERNAL") return known;
  if (error instanceof TRPCError) return ofTrpc(error);
  return new EchoError("INTERNAL", "Internal server error");
}

function ofTrpc(error: TRPCError): EchoError {
  const code = codeOfTrpc[error.code];
  if (code === undefined) return publicError(error.cause);
  return new EchoError(code, error.cause instanceof z.core.$ZodError ? sentenceOf(error.cause) : error.message);
}

/** `seq: Too big: expected number to be <=2147483647`. The value itself is never repeated. */
export function sentenceOf(error: z.core.$ZodError): string {
  return error.issues.map(({ path, message }) => [...path.map(String), message].join(": ")).join("; ");
}
