import type { Queryable } from "@echo/db";
import { notFound } from "@echo/platform";
import type { Actor } from "../core.ts";
import type { MessageRow } from "./repository/message-row.ts";
import { findVisibleMessage } from "./repository/read.ts";

/**
 * The message, when this person may read it; what they may not read is told as what does not exist.
 * @throws EchoError NOT_FOUND
 */
export async function requireVisibleMessage(db: Queryable, actor: Actor, messageId: string): Promise<MessageRow> {
  const row = await findVisibleMessage(db, messageId, actor.userId);
  if (!row) throw notFound("No such message");
  return row;
}
