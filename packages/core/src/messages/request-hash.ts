import { createHash } from "node:crypto";
import { canonicalJson, type SendMessageInput } from "@echo/contracts";

/**
 * SHA-256 over what makes two sends the same one: type, content, replyToId, threadRootId, mentions and metadata as
 * canonical JSON. What is absent counts as its default; the order of keys does not count.
 */
export function requestHash(input: SendMessageInput): Buffer {
  const { type, content, replyToId = null, threadRootId = null, mentions = [], metadata = {} } = input;
  const request = { type, content, replyToId, threadRootId, mentions, metadata };
  return createHash("sha256").update(canonicalJson(request)).digest();
}
