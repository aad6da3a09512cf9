import { Readable } from "node:stream";
import type { ReadableStream as WebStream } from "node:stream/web";
import { badRequest } from "@echo/platform";
import { resolveResponse } from "@trpc/server/http";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { RequestContext } from "../context.ts";
import type { Deps } from "../pipeline/step.ts";
import { appRouter } from "../routers/index.ts";
import { retryAfterSeconds } from "./answer-error.ts";
import type { Calls } from "./calls.ts";
import { createConsoleDoor } from "./console-door.ts";
import { type Fault, faultOf } from "./fault.ts";
import { inputOf, judgedRequest, wantsStream } from "./judged-request.ts";
import { runCall } from "./run-call.ts";

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  calls: Calls;
  /** Ends the calls that wait: the client went, the time is up, or the server stops. */
  signal: AbortSignal;
}

/** Runs the procedures that a request asks for and sends tRPC's answer. */
export function answerCalls(deps: Deps, exchange: Exchange): Promise<FastifyReply> {
  const { request, calls } = exchange;
  return wantsStream(request, calls) ? streamCalls(deps, exchange) : answerAtOnce(deps, exchange);
}

async function answerAtOnce(deps: Deps, exchange: Exchange): Promise<FastifyReply> {
  const { request, reply, calls, signal } = exchange;
  const scope = { context: contextOf(deps, exchange), signal };
  const inputs = inputsOf(request, calls);
  const { method } = request;
  const answers = await Promise.all(
    calls.names.map((name, index) => runCall({ name, index, method, input: inputs[index] }, scope)),
  );
  if (reply.sent) return reply;
  const bodies = answers.map(({ body }) => body);
  setHead(
    exchange,
    answers.map(({ fault }) => fault),
  );
  return reply.send(JSON.stringify(calls.isBatch ? bodies : bodies[0]));
}

/** One per call. @throws EchoError BAD_REQUEST when a batch's input is no object of them */
function inputsOf(request: FastifyRequest, calls: Calls): unknown[] {
  const input = inputOf(request);
  if (!calls.isBatch) return [input];
  if (input === undefined) return [];
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw badRequest('"input" needs to be an object when doing a batch call');
  }
  return calls.names.map((_, index) => Reflect.get(input, index));
}

/** One status for all calls of a request: theirs when they agree, else 207, as tRPC has it. */
function setHead({ request, reply }: Exchange, faults: (Fault | null)[]): void {
  const statuses = new Set(faults.map((fault) => fault?.status ?? 200));
  const [status = 200] = statuses;
  const waitMs = Math.max(0, ...faults.map((fault) => fault?.retryAfterMs ?? 0));
  reply.code(statuses.size > 1 ? 207 : status).header("content-type", "application/json");
  if (waitMs > 0) reply.header("retry-after", retryAfterSeconds(waitMs));
  if (reply.statusCode === 405) reply.header("allow", request.method === "GET" ? "POST" : "GET");
}

/** The answers of a batch as they come: the head is gone before the first of them is known. */
async function streamCalls(deps: Deps, exchange: Exchange): Promise<FastifyReply> {
  const { request, reply, calls, signal } = exchange;
  const response = await resolveResponse({
    router: appRouter,
    req: judgedRequest(request, signal),
    // tRPC decodes it once more.
    path: encodeURIComponent(calls.path),
    error: null,
    createContext: async () => contextOf(deps, exchange),
    onError({ error, path }) {
      if (faultOf(error).code !== "INTERNAL") return;
      deps.core.logger.error("procedure failed", { err: error.cause ?? error, procedure: path });
    },
  });
  if (reply.sent) return reply;
  reply.code(response.status).header("content-type", "application/json");
  return reply.send(response.body === null ? "" : Readable.fromWeb(response.body as WebStream));
}

function contextOf({ core }: Deps, { request, reply }: Exchange): RequestContext {
  const { ip, requestId, actor, staff, refusal } = request.door;
  const console = createConsoleDoor(core, request, reply);
  return { core, caller: { ip, requestId }, actor, staff, console, refusal };
}
