import { type Queryable, statement } from "@echo/db";

interface UserCounts {
  total: number;
  newLastDay: number;
}

const users = statement<UserCounts>(
  "admin_count_users",
  `SELECT count(*)::integer AS total, (count(*) FILTER (WHERE created_at > $1))::integer AS "newLastDay"
   FROM auth.users WHERE deleted_at IS NULL`,
);

/** Accounts that are not deleted, and those among them that were made after `since`. */
export async function countUsers(db: Queryable, since: Date): Promise<UserCounts> {
  const [row] = await db.query(users, [since]);
  return row ?? { total: 0, newLastDay: 0 };
}

interface Traffic {
  sends: number;
  deliveries: number;
}

// A row of delivery_status acknowledges everything up to its seq that none before it did: what a recipient acknowledged
// in the interval is what lies between his last row before it (or his joining) and his last row in it. Each is looked up
// by itself, for each recipient, so that neither all members nor a whole conversation is read, whatever the planner thinks.
const traffic = statement<Traffic>(
  "admin_count_traffic",
  `WITH acknowledged AS MATERIALIZED (
     SELECT conversation_id, user_id, max(to_seq) AS to_seq FROM messages.delivery_status
     WHERE at > $1 AND at <= $2 GROUP BY conversation_id, user_id
   ), gained AS MATERIALIZED (
     SELECT a.*, p.spans, greatest(p.joined_seq, delivered.to_seq, read.to_seq) AS from_seq FROM acknowledged a
     CROSS JOIN LATERAL (SELECT spans, joined_seq FROM messages.conversation_participants
       WHERE conversation_id = a.conversation_id AND user_id = a.user_id LIMIT 1) p
     LEFT JOIN LATERAL (SELECT d.to_seq FROM messages.delivery_status d WHERE d.conversation_id = a.conversation_id
       AND d.user_id = a.user_id AND d.status = 'delivered' AND d.at <= $1 ORDER BY d.to_seq DESC LIMIT 1) delivered ON true
     LEFT JOIN LATERAL (SELECT d.to_seq FROM messages.delivery_status d WHERE d.conversation_id = a.conversation_id
       AND d.user_id = a.user_id AND d.status = 'read' AND d.at <= $1 ORDER BY d.to_seq DESC LIMIT 1) read ON true
   )
   SELECT (SELECT count(*) FROM messages.messages WHERE created_at > $1 AND created_at <= $2)::integer AS sends,
     (SELECT coalesce(sum(received.count), 0) FROM gained g CROSS JOIN LATERAL (
        SELECT count(*) FROM messages.messages m
        WHERE m.conversation_id = g.conversation_id AND m.seq > g.from_seq AND m.seq <= g.to_seq
          AND m.sender_id IS DISTINCT FROM g.user_id AND g.spans @> m.event_seq) received)::integer AS deliveries`,
);

/** Messages sent after `from` up to `to`, and messages acknowledged then by a recipient, once per recipient. */
export async function countTraffic(db: Queryable, { from, to }: { from: Date; to: Date }): Promise<Traffic> {
  const [row] = await db.query(traffic, [from, to]);
  return row ?? { sends: 0, deliveries: 0 };
}
