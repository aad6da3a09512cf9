import type { Readable } from "node:stream";
import { badRequest, payloadTooLarge } from "@echo/platform";

/** The 32 levels of custom data (docs/contract.md "Inputs") in a content, in an input, in a batch. */
const maxDepth = 35;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a request's body up to `maxBytes`. What comes after a refusal is read away: destroyed, the stream would take the
 * answer with it, and left alone it would block the connection's next request.
 * @throws EchoError PAYLOAD_TOO_LARGE
 */
export function readBody(stream: Readable, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    stream.on("data", (chunk: Uint8Array) => {
      size += chunk.byteLength;
      if (size <= maxBytes) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    stream.once("end", () => resolve(Buffer.concat(chunks)));
    stream.once("error", (cause) => reject(badRequest("The body ended early", cause)));
    stream.once("close", () => {
      if (!stream.readableEnded) reject(badRequest("The body ended early"));
    });
  });
}

export const tooLarge = (maxBytes: number) => payloadTooLarge(`The body is larger than ${maxBytes / 1024} KiB`);

/** Keys by which a merge somewhere later would reach Object.prototype. */
function refusePollution(value: object): void {
  const isPolluting =
    Object.hasOwn(value, "__proto__") ||
    (Object.hasOwn(value, "constructor") &&
      isObject((value as { constructor: unknown }).constructor) &&
      Object.hasOwn((value as { constructor: object }).constructor, "prototype"));
  if (isPolluting) throw badRequest('The keys "__proto__" and "constructor.prototype" are refused');
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Breadth first, so that depth costs no stack. */
function requireSane(root: unknown): void {
  let level = [root].filter(isObject);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw badRequest("The input is nested too deep");
    level.forEach(refusePollution);
    level = level.flatMap((value) => Object.values(value)).filter(isObject);
  }
}

/** @throws EchoError BAD_REQUEST for what is not JSON, too deep, or polluting */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badRequest("The input is not JSON", cause);
  }
  requireSane(value);
  return value;
}

/** An empty body is no input. @throws EchoError BAD_REQUEST */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return undefined;
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw badRequest("The body is not UTF-8", cause);
  }
  return parseJson(text);
}
