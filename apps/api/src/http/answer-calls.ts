import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import type { TRPCError } from "@trpc/server";
import { resolveResponse } from "@trpc/server/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RequestContext } from "../context.ts";
import type { Deps } from "../pipeline/step.ts";
import { appRouter } from "../routers/index.ts";
import { retryAfterSeconds } from "./answer-error.ts";
import type { Calls } from "./calls.ts";
import { createConsoleDoor } from "./console-door.ts";
import { faultOf } from "./fault.ts";
import { judgedRequest, wantsStream } from "./judged-request.ts";

/** One status for all calls of a request: theirs when they agree, else 207, as tRPC has it. */
function metaOf(errors: TRPCError[], answers: number): { status: number; headers: Record<string, string> } {
  const faults = errors.map(faultOf);
  const statuses = new Set(faults.map((fault) => fault.status));
  if (errors.length < answers) statuses.add(200);
  const [status = 200] = statuses;
  const waitMs = Math.max(0, ...faults.map((fault) => fault.retryAfterMs ?? 0));
  return {
    status: statuses.size > 1 ? 207 : status,
    headers: waitMs > 0 ? { "retry-after": retryAfterSeconds(waitMs) } : {},
  };
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  calls: Calls;
  /** Ends the calls that wait: the client went, the time is up, or the server stops. */
  signal: AbortSignal;
}

function resolve({ core }: Deps, { request, reply, calls, signal }: Exchange): Promise<Response> {
  const { ip, requestId, actor, staff, refusal } = request.door;
  const console = createConsoleDoor(core, request, reply);
  const context: RequestContext = { core, caller: { ip, requestId }, actor, staff, console, refusal };
  return resolveResponse({
    router: appRouter,
    req: judgedRequest(request, calls, signal),
    // tRPC decodes it once more.
    path: encodeURIComponent(calls.path),
    error: null,
    createContext: async () => context,
    responseMeta: ({ errors, data }) => metaOf(errors, data.length),
    onError({ error, path }) {
      if (faultOf(error).code !== "INTERNAL") return;
      core.logger.error("procedure failed", { err: error.cause ?? error, procedure: path });
    },
  });
}

/** Runs the procedures that a request asks for and sends tRPC's answer. */
export async function answerCalls(deps: Deps, exchange: Exchange): Promise<FastifyReply> {
  const { request, reply, calls } = exchange;
  const response = await resolve(deps, exchange);
  if (reply.sent) return reply;
  reply.code(response.status).header("content-type", "application/json");
  const retryAfter = response.headers.get("retry-after");
  if (retryAfter !== null) reply.header("retry-after", retryAfter);
  if (response.status === 405) reply.header("allow", request.method === "GET" ? "POST" : "GET");
  if (wantsStream(request, calls) && response.body !== null) {
    return reply.send(Readable.fromWeb(response.body as WebStream));
  }
  return reply.send(await response.text());
}
