import { badRequest, type EchoError } from "@echo/platform";
import { z } from "zod";

const maxCalls = 50;
const maxIdCharacters = 128;

/** An id as JSON, so that 1 and "1" stay two ids; null: none could be read. */
export type RequestId = string | null;

/** What a client asks for; `id` is echoed as it came. */
export interface Call {
  kind: "call";
  id: string;
  type: "query" | "mutation" | "subscription";
  path: string;
  input: unknown;
  lastEventId: string | undefined;
}

export type ClientMessage = Call | { kind: "stop"; id: string } | { kind: "refused"; id: RequestId; error: EchoError };

const CallMessage = z.object({
  method: z.enum(["query", "mutation", "subscription"]),
  params: z.object({ path: z.string(), input: z.unknown().optional(), lastEventId: z.string().optional() }),
});

const ConnectionParams = z.object({
  method: z.literal("connectionParams"),
  data: z.object({ token: z.string() }),
});

/** The token of a client's first message; null when it is something else. */
export function readToken(text: string): string | null {
  const params = ConnectionParams.safeParse(parseJson(text));
  return params.success ? params.data.data.token : null;
}

/** Reads a frame as tRPC's clients write them: one message, or all those of a tick as an array. */
export function readFrame(text: string): ClientMessage[] {
  const json = parseJson(text);
  if (json === undefined) return [refused(null, "The frame is not JSON")];
  const messages: unknown[] = Array.isArray(json) ? json : [json];
  if (messages.length === 0) return [refused(null, "The frame holds no call")];
  if (messages.length > maxCalls) {
    const ids = new Set(messages.map(idOf));
    return Array.from(ids, (id) => refused(id, `A frame holds at most ${maxCalls} calls`));
  }
  return messages.map(readMessage);
}

function readMessage(message: unknown): ClientMessage {
  const id = idOf(message);
  const method = isRecord(message) ? message.method : undefined;
  if (method === "connectionParams") return refused(id, "connectionParams is the first message, and comes once");
  if (id === null) return refused(null, "A call needs an id: a number or a string");
  if (id.length > maxIdCharacters) return refused(id, `An id has at most ${maxIdCharacters} characters`);
  if (method === "subscription.stop") return { kind: "stop", id };
  const call = CallMessage.safeParse(message);
  if (!call.success) {
    return refused(
      id,
      "A call has a method (query, mutation, subscription or subscription.stop) and params with a path",
    );
  }
  const { path, input, lastEventId } = call.data.params;
  return { kind: "call", id, type: call.data.method, path, input, lastEventId };
}

const refused = (id: RequestId, message: string): ClientMessage => ({
  kind: "refused",
  id,
  error: badRequest(message),
});

function idOf(message: unknown): RequestId {
  const id = isRecord(message) ? message.id : undefined;
  return typeof id === "string" || (typeof id === "number" && Number.isFinite(id)) ? JSON.stringify(id) : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Undefined when it is not JSON: JSON itself has no undefined. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
