import { TRPCError } from "@trpc/server";
import type { RequestContext } from "../context.ts";
import { procedures } from "../routers/index.ts";
import { type Fault, faultOf, wireError } from "./fault.ts";

/** One procedure that a request asks for. */
export interface Call {
  name: string;
  /** Its place in the request. */
  index: number;
  method: string;
  input: unknown;
}

/** What a call gets beside its input. */
export interface CallScope {
  context: RequestContext;
  signal: AbortSignal;
}

/** What stands in the answer for one call, and why when it failed. */
export interface CallAnswer {
  body: { result: { data: unknown } } | { error: ReturnType<typeof wireError> };
  fault: Fault | null;
}

const methodOf = { query: "GET", mutation: "POST", subscription: "GET" };

/**
 * Runs a procedure and answers as tRPC's own adapter does, without the web's Request, Headers and Response, which cost more
 * than everything else at the door. Never rejects.
 */
export async function runCall(call: Call, scope: CallScope): Promise<CallAnswer> {
  try {
    return { body: { result: { data: await dispatch(call, scope) } }, fault: null };
  } catch (error) {
    const fault = faultOf(error);
    const { core, caller } = scope.context;
    if (fault.code === "INTERNAL") {
      const cause = error instanceof TRPCError ? (error.cause ?? error) : error;
      core.logger.error("procedure failed", { err: cause, procedure: call.name });
    }
    return { body: { error: wireError(fault, caller.requestId) }, fault };
  }
}

async function dispatch({ name, index, method, input }: Call, { context, signal }: CallScope): Promise<unknown> {
  const procedure = procedures.get(name);
  if (!procedure) throw new TRPCError({ code: "NOT_FOUND", message: `No procedure found on path "${name}"` });
  const { type } = procedure._def;
  if (methodOf[type] !== method) {
    const message = `Unsupported ${method}-request to ${type} procedure at path "${name}"`;
    throw new TRPCError({ code: "METHOD_NOT_SUPPORTED", message });
  }
  const getRawInput = async () => input;
  return procedure({ path: name, type, ctx: context, getRawInput, signal, batchIndex: index });
}
