import { statement, type Tx } from "@echo/db";

/** One acknowledgement: this person has got, or read, everything up to and with `seq`. */
export interface Mark {
  conversationId: string;
  userId: string;
  kind: "delivered" | "read";
  seq: number;
  /** The session that acknowledges. */
  deviceId: string;
}

/** What became of one; the watermarks as they are now, null unless MOVED or STALE. */
export interface MarkResult {
  status: "MOVED" | "STALE" | "FUTURE" | "NOT_A_MEMBER" | "NOT_FOUND";
  lastDeliveredSeq: number | null;
  lastReadSeq: number | null;
}

const mark = statement<MarkResult>(
  "messages_mark",
  `SELECT status, last_delivered_seq AS "lastDeliveredSeq", last_read_seq AS "lastReadSeq"
   FROM messages.mark($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::uuid[]) ORDER BY ordinal`,
);

/** Moves watermarks, many in one call; the answers stand in the order of the marks. */
export function insertMarks(tx: Tx, marks: readonly Mark[]): Promise<MarkResult[]> {
  return tx.query(mark, [
    marks.map((item) => item.conversationId),
    marks.map((item) => item.userId),
    marks.map((item) => item.kind),
    marks.map((item) => item.seq),
    marks.map((item) => item.deviceId),
  ]);
}

/** How widely a conversation's receipts are told. */
export interface Audience {
  conversationId: string;
  type: string;
  memberCount: number;
}

const audiences = statement<Audience>(
  "messages_list_audiences",
  `SELECT id AS "conversationId", type, member_count AS "memberCount" FROM messages.conversations WHERE id = ANY ($1::uuid[])`,
);

export function listAudiences(tx: Tx, conversationIds: readonly string[]): Promise<Audience[]> {
  return tx.query(audiences, [conversationIds]);
}
