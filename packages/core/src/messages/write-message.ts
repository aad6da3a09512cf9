import { batched } from "../batcher.ts";
import type { Core } from "../core.ts";
import { insertMessage, insertMessages, type NewMessage, type SendResult } from "./repository/send.ts";

/** More than the connections of any pool, which says by itself when none gets free: a statement that waits holds up no other. */
const limits = { maxBatch: 64, maxRunning: 64 };

/**
 * Writes a message, together with those that this process is asked to send meanwhile: one statement for several costs half
 * as much as one for each (docs/adr/0024).
 */
export const writeMessage: (core: Core, message: NewMessage) => Promise<SendResult> = batched(limits, writeAll);

type Answer = SendResult | Promise<SendResult>;

async function writeAll(core: Core, messages: readonly NewMessage[]): Promise<Answer[]> {
  const [first, ...others] = messages;
  if (first && others.length === 0) return [await insertMessage(core.db, first)];
  const results = await insertMessages(core.db, messages);
  if (results === null) return messages.map((message) => insertMessage(core.db, message));
  const busy = messages.filter((_, index) => results[index]?.status === "BUSY");
  const later = writeApart(core, busy);
  return messages.map((message, index) => later.get(message) ?? (results[index] as SendResult));
}

/** A batch for each conversation: it waits until that is free, and nobody else waits for it. */
function writeApart(core: Core, messages: readonly NewMessage[]): Map<NewMessage, Promise<SendResult>> {
  const written = new Map<NewMessage, Promise<SendResult>>();
  for (const conversationId of new Set(messages.map((message) => message.conversationId))) {
    const own = messages.filter((message) => message.conversationId === conversationId);
    const answers = writeAll(core, own);
    for (const [index, message] of own.entries()) {
      written.set(
        message,
        answers.then((all) => all[index] as Answer),
      );
    }
  }
  return written;
}
