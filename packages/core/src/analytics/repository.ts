import { type Queryable, statement, type Tx } from "@echo/db";

export type Metric = "messages" | "newUsers" | "newConversations";

/** What is counted together: an hour's events from one stride of the log, which begins after the position `since`. */
export interface Place {
  hour: Date;
  since: number;
}

// In the order of their keys: two lanes that count in the same hours must not lock each other out.
const counts = statement<never>(
  "analytics_add_to_counts",
  `INSERT INTO analytics.hourly_counts AS c (hour, metric, since_position, count)
   SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::int8[], $4::int8[]) AS given(hour, metric, since, times)
   ORDER BY hour, metric, since
   ON CONFLICT (hour, metric, since_position) DO UPDATE SET count = c.count + excluded.count`,
);

const senders = statement<never>(
  "analytics_add_senders",
  `INSERT INTO analytics.hourly_senders (hour, user_id, since_position)
   SELECT * FROM unnest($1::timestamptz[], $2::uuid[], $3::int8[]) AS given(hour, user_id, since)
   ORDER BY hour, user_id, since
   ON CONFLICT DO NOTHING`,
);

type Named = Place & { name: string };

const keysOf = (rows: readonly Named[]): unknown[] => [
  rows.map(({ hour }) => hour),
  rows.map(({ name }) => name),
  rows.map(({ since }) => since),
];

/** Names are metrics. */
export async function addToCounts(tx: Tx, rows: readonly (Named & { times: number })[]): Promise<void> {
  if (rows.length > 0) await tx.query(counts, [...keysOf(rows), rows.map(({ times }) => times)]);
}

/** Names are those of users. */
export async function addSenders(tx: Tx, rows: readonly Named[]): Promise<void> {
  if (rows.length > 0) await tx.query(senders, keysOf(rows));
}

const deleteBoth = statement<never>(
  "analytics_delete_since",
  `WITH counts AS (DELETE FROM analytics.hourly_counts WHERE since_position >= $1)
   DELETE FROM analytics.hourly_senders WHERE since_position >= $1`,
);

/** Of all strides from this one on. */
export async function deleteSince(tx: Tx, position: number): Promise<void> {
  await tx.query(deleteBoth, [position]);
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
     (SELECT count(DISTINCT user_id) FROM analytics.hourly_senders s WHERE s.hour = counted.hour) AS "activeSenders"
   FROM counted ORDER BY hour`,
);

/** Those in which something happened; from <= hour < to. */
export const findHours = (db: Queryable, { from, to }: { from: Date; to: Date }): Promise<HourTotals[]> =>
  db.query(hours, [from, to]);

const sendersIn = statement<{ senders: number }>(
  "analytics_count_senders",
  `SELECT count(DISTINCT user_id) AS senders FROM analytics.hourly_senders
   WHERE hour >= $1 AND hour < $2`,
);

/** Each person once, in however many hours he sent. */
export async function countSenders(db: Queryable, { from, to }: { from: Date; to: Date }): Promise<number> {
  const [row] = await db.query(sendersIn, [from, to]);
  return row?.senders ?? 0;
}
