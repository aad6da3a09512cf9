import { type Logger, refusalHeaders } from "@echo/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { errorData, type Fault, faultOf } from "./fault.ts";
import { rpcCodeOf } from "./trpc-codes.ts";

/** An error outside of a procedure; at tRPC's address with the number without which its clients can't read it. */
function errorBody(fault: Fault, request: FastifyRequest) {
  const rpcCode = request.routeOptions.config?.isTrpc ? { code: rpcCodeOf[fault.code] } : {};
  return { error: { message: fault.message, ...rpcCode, data: errorData(fault, request.id) } };
}

export const retryAfterSeconds = (retryAfterMs: number): string => String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));

/** Logs what nobody foresaw, and answers what the caller may know. */
export function answerError(
  logger: Logger,
  error: unknown,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const fault = faultOf(error);
  if (fault.code === "INTERNAL") logger.error("request failed", { err: error, requestId: request.id });
  // Also where the pipeline never ran: a malformed address is refused before routing.
  reply.headers({ ...refusalHeaders, "x-request-id": request.id });
  if (fault.retryAfterMs !== undefined) reply.header("retry-after", retryAfterSeconds(fault.retryAfterMs));
  // Fastify hangs up on a refused body, and the sender loses the answer; Node reads the rest away within its timeout.
  reply.removeHeader("connection");
  return reply.code(fault.status).send(errorBody(fault, request));
}
