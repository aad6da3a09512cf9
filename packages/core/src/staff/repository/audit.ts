import { type Queryable, statement, type Tx } from "@echo/db";

/** A row, each column as the text that its hmac covers: nothing is lost on the way through a driver. */
export interface AuditRow {
  id: string;
  seq: string;
  /** Milliseconds since the epoch. */
  at: string;
  staffId: string | null;
  act: string;
  subjectType: string | null;
  subjectId: string | null;
  reason: string | null;
  data: string;
  requestId: string;
  ip: string | null;
  hmac: Uint8Array<ArrayBuffer>;
}

export interface AuditHead {
  count: number;
  hmac: Uint8Array<ArrayBuffer>;
  /** Sealed; null before the first act. */
  auditKey: Uint8Array<ArrayBuffer> | null;
}

/** What was given, as the columns will hold it. */
export interface StoredForm {
  data: string;
  ip: string | null;
}

const lock = statement<AuditHead & StoredForm>(
  "audit_head_lock",
  `SELECT count, hmac, audit_key AS "auditKey", $1::jsonb::text AS data, $2::inet::text AS ip
   FROM auth.audit_head FOR NO KEY UPDATE`,
);
/** One appends at a time, from here to its commit. Null when the head is gone. */
export async function lockAuditHead(
  tx: Tx,
  given: { data: Record<string, unknown>; ip: string | null },
): Promise<(AuditHead & StoredForm) | null> {
  const [head] = await tx.query(lock, [given.data, given.ip]);
  return head ?? null;
}

const append = statement<never>(
  "audit_append",
  `WITH row AS (
     INSERT INTO auth.audit_log (id, seq, at, staff_id, act, subject_type, subject_id, reason, data, request_id, ip, hmac)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12))
   UPDATE auth.audit_head SET count = $2, hmac = $13, audit_key = $14`,
);

/** The row, and the head that ends with it. */
export async function insertAuditRow(
  tx: Tx,
  row: AuditRow,
  head: { hmac: Uint8Array; auditKey: Uint8Array },
): Promise<void> {
  const { id, seq, at, staffId, act, subjectType, subjectId, reason, data, requestId, ip, hmac } = row;
  const values = [
    id,
    seq,
    new Date(Number(at)),
    staffId,
    act,
    subjectType,
    subjectId,
    reason,
    data,
    requestId,
    ip,
    hmac,
  ];
  await tx.query(append, [...values, head.hmac, head.auditKey]);
}

type PageRow = AuditHead & { [Column in keyof AuditRow as `row_${Column}`]: AuditRow[Column] | null };

/** One statement, so that a page and the head beside it are of one moment. */
const pageWhere = (condition: string) =>
  `SELECT head.count, head.hmac, head.audit_key AS "auditKey", log.id AS row_id, log.seq::text AS row_seq,
     trim_scale(extract(epoch FROM log.at) * 1000)::text AS row_at, log.staff_id AS "row_staffId", log.act AS row_act,
     log.subject_type AS "row_subjectType", log.subject_id AS "row_subjectId", log.reason AS row_reason,
     log.data::text AS row_data, log.request_id AS "row_requestId", log.ip::text AS row_ip, log.hmac AS row_hmac
   FROM auth.audit_head head LEFT JOIN LATERAL (
     SELECT * FROM auth.audit_log ${condition} ORDER BY seq, id LIMIT $1) log ON true`;
const firstPage = statement<PageRow>("audit_first_page", pageWhere(""));
const nextPage = statement<PageRow>("audit_next_page", pageWhere("WHERE (seq, id) > ($2::bigint, $3::uuid)"));

const rowColumns = [
  "id",
  "seq",
  "at",
  "staffId",
  "act",
  "subjectType",
  "subjectId",
  "reason",
  "data",
  "requestId",
  "ip",
  "hmac",
] as const satisfies readonly (keyof AuditRow)[];

export interface AuditPage {
  /** Null when the head is gone. */
  head: AuditHead | null;
  rows: AuditRow[];
}

/** By seq, then id: a seq that is there twice is seen twice. */
export async function readAuditPage(
  db: Queryable,
  after: Pick<AuditRow, "seq" | "id"> | null,
  limit: number,
): Promise<AuditPage> {
  const found =
    after === null ? await db.query(firstPage, [limit]) : await db.query(nextPage, [limit, after.seq, after.id]);
  const [first] = found;
  const head = first ? { count: first.count, hmac: first.hmac, auditKey: first.auditKey } : null;
  return { head, rows: found.filter((row) => row.row_id !== null).map(toAuditRow) };
}

/** Null where the table allows it, and nowhere else: the join's empty row is left out before. */
const toAuditRow = (row: PageRow): AuditRow =>
  Object.fromEntries(rowColumns.map((name) => [name, row[`row_${name}`]])) as unknown as AuditRow;
