import type { ErrorCode, ErrorData, Limiter } from "@echo/contracts";
import { EchoError, toEchoError } from "@echo/platform";
import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { codeOfTrpc, rpcCodeOf } from "./trpc-codes.ts";

/** What a caller may know of an error, whatever threw it. */
export interface Fault {
  status: number;
  code: ErrorCode;
  message: string;
  retryAfterMs?: number | undefined;
  limiter?: Limiter | undefined;
}

type RefusalStatus = 405 | 415 | 421;

/** A BAD_REQUEST of the door itself, whose status says more than 400. */
export class Refusal extends EchoError {
  readonly status: RefusalStatus;

  constructor(status: RefusalStatus, message: string) {
    super("BAD_REQUEST", message);
    this.status = status;
  }
}

const statusOf: Record<ErrorCode, number> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  STEP_UP_REQUIRED: 403,
  NOT_FOUND: 404,
  TIMEOUT: 408,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PAYLOAD_TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** The contract's answer to everything that nobody foresaw: this sentence and nothing else. */
const internalFault: Fault = { status: 500, code: "INTERNAL", message: "Internal server error" };

const plain = (code: ErrorCode, message: string): Fault => ({ status: statusOf[code], code, message });

function ofEcho(error: EchoError): Fault {
  if (error.code === "INTERNAL") return internalFault;
  return {
    status: error instanceof Refusal ? error.status : statusOf[error.code],
    code: error.code,
    message: error.message,
    retryAfterMs: error.retryAfterMs,
    limiter: error.limiter,
  };
}

/** `limit: Too big: expected number to be <=200; colour: ...`. The value itself is never repeated. */
function sentenceOf(error: z.core.$ZodError): string {
  return error.issues
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`))
    .join("; ");
}

function ofTrpc(error: TRPCError): Fault {
  const known = toEchoError(error.cause);
  if (known !== null) return ofEcho(known);
  const { code, status } = codeOfTrpc[error.code];
  if (code === "INTERNAL") return error.cause === undefined ? internalFault : faultOf(error.cause);
  const message = error.cause instanceof z.core.$ZodError ? sentenceOf(error.cause) : error.message;
  return { ...plain(code, message), ...(status === undefined ? {} : { status }) };
}

/** Fastify's errors that a handler may see, by the status they carry; theirs above 499 stay inside. */
const fastifyCodes: Record<number, ErrorCode> = {
  400: "BAD_REQUEST",
  404: "NOT_FOUND",
  408: "TIMEOUT",
  413: "PAYLOAD_TOO_LARGE",
  414: "BAD_REQUEST",
  415: "BAD_REQUEST",
};

function ofFastify(error: Error & { statusCode?: unknown; code?: unknown }): Fault {
  if (error.code === "FST_ERR_BAD_URL") return plain("BAD_REQUEST", "The address is not validly encoded");
  const code = typeof error.statusCode === "number" ? fastifyCodes[error.statusCode] : undefined;
  if (code === undefined) return internalFault;
  return { ...plain(code, error.message), status: error.statusCode === 415 ? 415 : statusOf[code] };
}

/** The one place where an error becomes what leaves the process. */
export function faultOf(error: unknown): Fault {
  const known = toEchoError(error);
  if (known !== null) return ofEcho(known);
  if (error instanceof TRPCError) return ofTrpc(error);
  if (error instanceof Error) return ofFastify(error);
  return internalFault;
}

/** The error of a procedure on the wire, as tRPC's clients read it. */
export const wireError = (fault: Fault, requestId: string) => ({
  message: fault.message,
  code: rpcCodeOf[fault.code],
  data: errorData(fault, requestId),
});

/** `data` of the error on the wire. */
export function errorData(fault: Fault, requestId: string): ErrorData {
  return {
    code: fault.code,
    message: fault.message,
    requestId,
    ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }),
    ...(fault.limiter === undefined ? {} : { limiter: fault.limiter }),
  };
}
