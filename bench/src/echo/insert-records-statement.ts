/** What the consumers of the benchmark write: a row for each record, all of a batch by one statement. */
export const recordsTable = `CREATE TABLE bench_records (
  position int8 PRIMARY KEY, stream_id uuid, type text, event_seq int8, actor_id uuid, created_at timestamptz)`;

export const insertRecordsSql = `INSERT INTO bench_records
  SELECT * FROM unnest($1::int8[], $2::uuid[], $3::text[], $4::int8[], $5::uuid[], $6::timestamptz[])`;

export interface RecordRow {
  position: number;
  key: string;
  type: string;
  value: Record<string, unknown>;
  createdAt: unknown;
}

export const insertRecordsValues = (rows: readonly RecordRow[]): unknown[] => [
  rows.map(({ position }) => position),
  rows.map(({ key }) => key),
  rows.map(({ type }) => type),
  rows.map(({ value }) => value.eventSeq),
  rows.map(({ value }) => value.actorId),
  rows.map(({ createdAt }) => createdAt),
];
