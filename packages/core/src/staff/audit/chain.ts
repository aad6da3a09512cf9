import { createHmac } from "node:crypto";
import { deriveKey } from "@echo/platform";
import type { AuditRow } from "../repository/audit.ts";

/** The head of an empty log: what the migration wrote. */
export const emptyHmac: Uint8Array<ArrayBuffer> = new Uint8Array(32);

export interface ChainKeys {
  row: Uint8Array;
  head: Uint8Array;
}

/** Rows and heads have keys of their own: no row's hmac passes for that of a head. */
export const chainKeysOf = (auditKey: Uint8Array): ChainKeys => ({
  row: deriveKey(auditKey, "echo/audit/row"),
  head: deriveKey(auditKey, "echo/audit/head"),
});

/** Every column as PostgreSQL writes it, in one order, and the head before: JSON keeps fields apart, and null from "null". */
const canonical = (row: Omit<AuditRow, "hmac">, headBefore: Uint8Array): string =>
  JSON.stringify([
    "echo-audit-1",
    Buffer.from(headBefore).toString("hex"),
    row.id,
    row.seq,
    row.at,
    row.staffId,
    row.act,
    row.subjectType,
    row.subjectId,
    row.reason,
    row.data,
    row.requestId,
    row.ip,
  ]);

const hmac = (key: Uint8Array, text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHmac("sha256", key).update(text).digest());

export const rowHmac = (
  keys: ChainKeys,
  row: Omit<AuditRow, "hmac">,
  headBefore: Uint8Array,
): Uint8Array<ArrayBuffer> => hmac(keys.row, canonical(row, headBefore));

/** Of the log that ends with this row: whoever cuts rows off can't make it for the shorter one. */
export const headHmac = (keys: ChainKeys, count: number, lastRow: Uint8Array): Uint8Array<ArrayBuffer> =>
  hmac(keys.head, JSON.stringify([count, Buffer.from(lastRow).toString("hex")]));

/** How a head is printed, logged, and given to `audit verify --expect`. */
export const formatHead = (count: number, head: Uint8Array): string => `${count}:${Buffer.from(head).toString("hex")}`;
