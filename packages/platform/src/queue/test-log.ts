import { type Db, type Queryable, statement } from "@echo/db";
import type { EpochBeginning, LogReader, RecordRange, Waiting } from "./log-reader.ts";
import type { QueueRecord } from "./queue.ts";

/** A log of a test's own: a table with positions, as core's event log has them. */
export interface TestLog {
  reader: LogReader;
  /** In this order, without a hole. */
  append(records: readonly TestRecord[]): Promise<void>;
  /** As a restore does: what lies beyond is gone, and what comes next is of another epoch. */
  restoreTo(position: number): Promise<void>;
  /** Old events go. */
  dropUpTo(position: number): Promise<void>;
}

interface TestRecord {
  key: string;
  topic?: string;
  value?: Record<string, unknown>;
  loggedAt?: Date;
}

const sql = <Row = never>(text: string) => statement<Row>("", text);

const tables = [
  "CREATE TABLE IF NOT EXISTS test_log (position int8 PRIMARY KEY, topic text, key uuid, value jsonb, logged_at timestamptz)",
  "CREATE TABLE IF NOT EXISTS test_head (epoch text, position int8, floor int8)",
  "CREATE TABLE IF NOT EXISTS test_epochs (n serial, epoch text, position int8)",
  "INSERT INTO test_epochs (epoch, position) SELECT 'one', 0 WHERE NOT EXISTS (SELECT FROM test_epochs)",
  "INSERT INTO test_head SELECT 'one', 0, 0 WHERE NOT EXISTS (SELECT FROM test_head)",
];

const laneOfKey = "('x' || right(key::text, 1))::bit(4)::int % 8";

/** On the tables of this database; any number of processes may open it. */
export async function openTestLog(db: Db): Promise<TestLog> {
  for (const text of tables) await db.query(sql(text));
  const listeners = new Set<(keys: readonly string[] | null) => void>();
  return {
    reader: readerOf(listeners),
    async append(records) {
      const columns = [
        records.map(({ topic }) => topic ?? "messages"),
        records.map(({ key }) => key),
        records.map(({ value }) => JSON.stringify(value ?? {})),
        records.map(({ loggedAt }) => loggedAt ?? new Date()),
      ];
      await db.query(
        sql(`WITH head AS (UPDATE test_head SET position = position + $5 RETURNING position - $5 AS before)
          INSERT INTO test_log SELECT before + n, t, k, v, at
          FROM head, unnest($1::text[], $2::uuid[], $3::jsonb[], $4::timestamptz[]) WITH ORDINALITY AS r(t, k, v, at, n)`),
        [...columns, records.length],
      );
      for (const listener of listeners) listener(records.map(({ key }) => key));
    },
    async restoreTo(position) {
      await db.query(sql("DELETE FROM test_log WHERE position > $1"), [position]);
      await db.query(sql("UPDATE test_head SET position = $1, epoch = epoch || '+'"), [position]);
      await db.query(sql("INSERT INTO test_epochs (epoch, position) SELECT epoch, position FROM test_head"));
    },
    async dropUpTo(position) {
      await db.query(sql("DELETE FROM test_log WHERE position <= $1"), [position]);
      await db.query(sql("UPDATE test_head SET floor = $1"), [position]);
    },
  };
}

type Row = Omit<QueueRecord, "createdAt">;

function readerOf(listeners: Set<(keys: readonly string[] | null) => void>): LogReader {
  return {
    async head(db) {
      const [head] = await db.query(
        sql<{ epoch: string; position: number; floor: number }>("SELECT epoch, position, floor FROM test_head"),
      );
      if (!head) throw new Error("there is one");
      return head;
    },
    read,
    readAll,
    async backlog(db, { topics, positions }) {
      const [row] = await db.query(
        sql<Waiting>(
          `SELECT count(*)::int AS events, min(position) AS first, min(logged_at) AS "oldestAt" FROM test_log
           WHERE position > ($2::int8[])[${laneOfKey} + 1] AND topic = ANY ($1)`,
        ),
        [topics, positions],
      );
      return row ?? { events: 0, first: null, oldestAt: null };
    },
    async positionBefore(db, time) {
      const text = "SELECT coalesce(max(position), 0) AS position FROM test_log WHERE logged_at < $1";
      const [row] = await db.query(sql<{ position: number }>(text), [time]);
      return row?.position ?? 0;
    },
    epochs: (db) => db.query(sql<EpochBeginning>("SELECT epoch, position FROM test_epochs ORDER BY n")),
    topics: ["messages", "other"],
    knows: (topic, type) => type === "test" && topic !== "of tomorrow",
    onAdvance(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const columns = `topic, key, position, (SELECT epoch FROM test_head) AS epoch, 'test' AS type, value, logged_at AS "loggedAt"`;

async function read(db: Queryable, { from, to, limit, topics, lane }: RecordRange): Promise<QueueRecord[]> {
  const rows = await db.query(
    sql<Row>(`SELECT ${columns} FROM test_log
      WHERE position > $1 AND position <= $2 AND topic = ANY ($4) AND ${laneOfKey} = $5
      ORDER BY position LIMIT $3`),
    [from, to, limit, topics, lane],
  );
  return rows.map(withCreatedAt);
}

async function readAll(db: Queryable, { from, limit }: { from: number; limit: number }): Promise<QueueRecord[]> {
  const text = `SELECT ${columns} FROM test_log WHERE position > $1 ORDER BY position LIMIT $2`;
  return (await db.query(sql<Row>(text), [from, limit])).map(withCreatedAt);
}

const withCreatedAt = (row: Row): QueueRecord => ({ ...row, createdAt: row.loggedAt });
