import { type Queryable, statement, type Tx } from "@echo/db";

export type Metric = "messages" | "newUsers" | "newConversations";

/** What to add to the row of an hour and a name. */
export interface Amount {
  hour: Date;
  name: string;
  amount: number;
}

// In the order of their keys: two lanes that count in the same hours must not lock each other out.
const counts = statement<never>(
  "analytics_add_to_counts",
  `INSERT INTO analytics.hourly_counts AS c (hour, metric, count)
   SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::int8[]) AS given(hour, metric, amount) ORDER BY hour, metric
   ON CONFLICT (hour, metric) DO UPDATE SET count = c.count + excluded.count`,
);

const senders = statement<never>(
  "analytics_add_to_senders",
  `INSERT INTO analytics.hourly_senders AS s (hour, user_id, messages)
   SELECT * FROM unnest($1::timestamptz[], $2::uuid[], $3::int8[]) AS given(hour, user_id, amount) ORDER BY hour, user_id
   ON CONFLICT (hour, user_id) DO UPDATE SET messages = s.messages + excluded.messages`,
);

const columnsOf = (rows: readonly Amount[]): unknown[] => [
  rows.map(({ hour }) => hour),
  rows.map(({ name }) => name),
  rows.map(({ amount }) => amount),
];

export async function addToCounts(tx: Tx, rows: readonly Amount[]): Promise<void> {
  if (rows.length > 0) await tx.query(counts, columnsOf(rows));
}

/** Names are those of users. */
export async function addToSenders(tx: Tx, rows: readonly Amount[]): Promise<void> {
  if (rows.length > 0) await tx.query(senders, columnsOf(rows));
}

export interface HourTotals {
  startsAt: Date;
  messages: number;
  activeSenders: number;
  newUsers: number;
  newConversations: number;
}

const hours = statement<HourTotals>(
  "analytics_list_hours",
  `WITH counted AS (
     SELECT hour, coalesce(sum(count) FILTER (WHERE metric = 'messages'), 0)::int8 AS messages,
       coalesce(sum(count) FILTER (WHERE metric = 'newUsers'), 0)::int8 AS new_users,
       coalesce(sum(count) FILTER (WHERE metric = 'newConversations'), 0)::int8 AS new_conversations
     FROM analytics.hourly_counts WHERE hour >= $1 AND hour < $2 GROUP BY hour
   )
   SELECT hour AS "startsAt", messages, new_users AS "newUsers", new_conversations AS "newConversations",
     (SELECT count(*) FROM analytics.hourly_senders s WHERE s.hour = counted.hour AND s.messages > 0) AS "activeSenders"
   FROM counted ORDER BY hour`,
);

/** Those in which something happened; from <= hour < to. */
export const findHours = (db: Queryable, { from, to }: { from: Date; to: Date }): Promise<HourTotals[]> =>
  db.query(hours, [from, to]);

const sendersIn = statement<{ senders: number }>(
  "analytics_count_senders",
  `SELECT count(DISTINCT user_id) AS senders FROM analytics.hourly_senders
   WHERE hour >= $1 AND hour < $2 AND messages > 0`,
);

/** Each person once, in however many hours he sent. */
export async function countSenders(db: Queryable, { from, to }: { from: Date; to: Date }): Promise<number> {
  const [row] = await db.query(sendersIn, [from, to]);
  return row?.senders ?? 0;
}
