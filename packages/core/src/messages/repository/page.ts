import { type Queryable, statement } from "@echo/db";
import { isVisible } from "../../membership/index.ts";
import { type Window, windowsLiteral } from "../window.ts";
import { type MessageRow, messageColumns } from "./message-row.ts";

// Each window is walked along the index on (conversation_id, seq), so a page costs what it shows, however much lies
// between the windows; that each row is visible is judged all the same.
const walk = (where: string, order: "ASC" | "DESC", limit: string): string =>
  `(SELECT m.* FROM unnest($3::int8multirange) AS w CROSS JOIN LATERAL (
     SELECT m.* FROM messages.messages m
     WHERE m.conversation_id = $1 AND ${where} AND ${isVisible("m")} ORDER BY m.seq ${order} LIMIT ${limit}) m
   ORDER BY m.seq ${order} LIMIT ${limit})`;

const around = statement<MessageRow>(
  "messages_list_around",
  `SELECT ${messageColumns(isVisible("q"))}
   FROM messages.conversation_participants me JOIN messages.conversations c ON c.id = me.conversation_id
   CROSS JOIN LATERAL (
     ${walk("m.seq >= lower(w) AND m.seq < least(upper(w), $4::int8)", "DESC", "$5")}
     UNION ALL
     ${walk("m.seq >= greatest(lower(w), $6::int8) AND m.seq < upper(w)", "ASC", "$7")}
   ) m LEFT JOIN messages.messages q ON q.id = m.reply_to_id
   WHERE me.conversation_id = $1 AND me.user_id = $2 AND c.deleted_at IS NULL ORDER BY m.seq`,
);

/** At most `below` messages before `belowSeq` and at most `above` from `fromSeq` on, each the nearest ones. */
export interface Reach {
  belowSeq: number;
  below: number;
  fromSeq: number;
  above: number;
}

/** What this person may read around a place, in the order of seq. */
export function listMessagesAround(
  db: Queryable,
  viewer: { conversationId: string; userId: string; windows: readonly Window[] },
  { belowSeq, below, fromSeq, above }: Reach,
): Promise<MessageRow[]> {
  const windows = windowsLiteral(viewer.windows);
  return db.query(around, [viewer.conversationId, viewer.userId, windows, belowSeq, below, fromSeq, above]);
}

const before = statement<{ seq: number }>(
  "messages_last_seqs_before",
  `SELECT found.seq FROM unnest($1::uuid[], $2::int8[]) WITH ORDINALITY AS i(conversation_id, event_seq, n)
   JOIN messages.conversations c ON c.id = i.conversation_id
   CROSS JOIN LATERAL (
     WITH RECURSIVE step(low, high) AS (
       SELECT 0, c.last_seq + 1
       UNION ALL
       SELECT CASE WHEN is_before THEN mid ELSE low END, CASE WHEN is_before THEN high ELSE mid END
       FROM (SELECT low, high, low + (high - low) / 2 AS mid FROM step WHERE high - low > 1) s
       CROSS JOIN LATERAL (SELECT coalesce((SELECT m.event_seq < i.event_seq FROM messages.messages m
         WHERE m.conversation_id = i.conversation_id AND m.seq >= s.mid ORDER BY m.seq LIMIT 1), false) AS is_before) probe
     )
     SELECT max(low) AS seq FROM step
   ) found ORDER BY i.n`,
);

/**
 * For each place the seq of the last message whose event came before it: both numbers grow together, so a binary
 * search along the index on (conversation_id, seq) finds it.
 */
export async function findLastSeqsBefore(
  db: Queryable,
  places: readonly { conversationId: string; eventSeq: number }[],
): Promise<number[]> {
  const rows = await db.query(before, [
    places.map((place) => place.conversationId),
    places.map((place) => place.eventSeq),
  ]);
  return rows.map((row) => row.seq);
}
