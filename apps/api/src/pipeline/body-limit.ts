import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { isAuthCall, requireAcceptableBatch } from "../http/calls.ts";
import { Refusal } from "../http/fault.ts";
import { parseBody, readBody, tooLarge } from "../http/json-body.ts";
import { procedureTypes } from "../routers/index.ts";
import type { Step } from "./step.ts";

const json = /^application\/json *(; *charset *= *"?utf-8"? *)?$/i;

/** Multipart and octet streams would reach procedures past the JSON checks; compressed bodies would hide their size. */
function requireJson({ method, headers }: FastifyRequest): void {
  if (method !== "GET" && method !== "POST") return;
  if (headers["content-encoding"] !== undefined) {
    throw new Refusal(415, "Send the body as it is: no Content-Encoding is accepted");
  }
  const type = headers["content-type"];
  if (type === undefined && method === "GET") return;
  if (type === undefined || !json.test(type)) {
    throw new Refusal(415, "Send application/json: no other media type is accepted");
  }
}

/** What a body may be, decided before a byte of it is read; `config.timeouts` bound how long it may take. */
export const bodyLimit: Step = {
  name: "body limit and timeout",
  install(app, { config }) {
    const limitOf = ({ door: { calls } }: FastifyRequest) =>
      calls !== null && isAuthCall(calls) ? config.maxAuthBodyBytes : config.maxBodyBytes;
    app.addHook("onRequest", (request, _reply, done) => {
      if (request.door.calls !== null) {
        requireAcceptableBatch(request.door.calls, procedureTypes);
        requireJson(request);
      }
      const length = Number(request.headers["content-length"] ?? 0);
      if (length > limitOf(request)) throw tooLarge(limitOf(request));
      done();
    });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("application/json", async (request: FastifyRequest, payload: IncomingMessage) =>
      parseBody(await readBody(payload, limitOf(request))),
    );
  },
};
