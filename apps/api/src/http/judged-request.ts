import type { FastifyRequest } from "fastify";
import type { Calls } from "./calls.ts";
import { parseJson } from "./json-body.ts";

/** A web request for tRPC whose body was read and judged already; of the rest it holds only what procedures need. */
class JudgedRequest extends Request {
  readonly #body: unknown;

  constructor(url: URL, init: RequestInit & { judgedBody: unknown }) {
    super(url, init);
    this.#body = init.judgedBody;
  }

  override json(): Promise<unknown> {
    return Promise.resolve(this.#body);
  }
}

const nothing = new URLSearchParams();

export function searchOf(url: string): Pick<URLSearchParams, "get"> {
  const at = url.indexOf("?");
  return at < 0 ? nothing : new URLSearchParams(url.slice(at + 1));
}

/** Whether the client reads a batch's answers as they come (httpBatchStreamLink). */
export const wantsStream = ({ headers }: FastifyRequest, calls: Calls): boolean =>
  calls.isBatch && headers["trpc-accept"] === "application/jsonl";

/** Of a query it stands in the address. @throws EchoError BAD_REQUEST when it is not acceptable JSON there */
export function inputOf(request: FastifyRequest): unknown {
  if (request.method !== "GET") return request.body;
  const input = searchOf(request.url).get("input");
  return input ? parseJson(input) : undefined;
}

/**
 * Of a batch whose answers are read as they come.
 * @throws EchoError BAD_REQUEST when the input in the address is not acceptable JSON
 */
export function judgedRequest(request: FastifyRequest, signal: AbortSignal): Request {
  const url = new URL("http://echo/trpc?batch=1");
  const input = request.method === "GET" ? searchOf(request.url).get("input") : null;
  if (input) {
    parseJson(input);
    url.searchParams.set("input", input);
  }
  const headers = { "content-type": "application/json", "trpc-accept": "application/jsonl" };
  return new JudgedRequest(url, { method: request.method, headers, signal, judgedBody: request.body });
}
