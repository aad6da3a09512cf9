import { badRequest, isSameSecret } from "@echo/platform";
import type { Core } from "../../core.ts";
import { type AuditHead, type AuditRow, readAuditPage } from "../repository/audit.ts";
import { openAuditKey } from "./audit-key.ts";
import { type ChainKeys, chainKeysOf, emptyHmac, formatHead, headHmac, rowHmac } from "./chain.ts";

/** `seq`: the first row that is not what was written. */
interface Break {
  ok: false;
  seq: number;
  reason: string;
}
/** `head` is COUNT:HMAC: kept elsewhere, and given as `expected` later, it shows that nothing up to it was taken back. */
export type AuditVerdict = { ok: true; count: number; head: string } | Break;

/** How far the chain was followed, and the head that the log had there. */
interface Link {
  count: number;
  head: Uint8Array;
}

interface Expected {
  count: number;
  head: string;
}

const pageSize = 1_000;

/**
 * Follows the whole chain to the first row that was changed, removed, inserted or moved, or to where it was cut off.
 * Acts may go on meanwhile. An older state that is consistent in itself is found by `expected` alone.
 * @throws EchoError BAD_REQUEST (`expected` is no COUNT:HMAC), INTERNAL (the audit key belongs to another ECHO_SECRET)
 */
export async function verifyAudit(core: Core, expected?: string): Promise<AuditVerdict> {
  const wanted = expected === undefined ? null : parseHead(expected);
  let link: Link = { count: 0, head: emptyHmac };
  let after: AuditRow | null = null;
  for (;;) {
    const { head, rows } = await readAuditPage(core.db, after, pageSize);
    if (head === null) return broken(link.count + 1, "the head of the log is gone");
    const keys = keysOf(core, head);
    const followed = followAll({ keys, rows, wanted }, link);
    if ("ok" in followed) return followed;
    link = followed;
    after = rows.at(-1) ?? null;
    // Read in one statement with the head: nothing stands beyond a page that is not full.
    if (rows.length < pageSize) return judgeEnd({ link, head, wanted });
  }
}

function parseHead(text: string): Expected {
  const [, count = "", hmac = ""] = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text) ?? [];
  if (hmac === "") throw badRequest("The expected head is not of the form COUNT:HMAC, as audit verify prints it");
  return { count: Number(count), head: formatHead(Number(count), Buffer.from(hmac, "hex")) };
}

function keysOf(core: Core, { auditKey }: AuditHead): ChainKeys | null {
  return auditKey === null ? null : chainKeysOf(openAuditKey(core, auditKey));
}

const format = ({ count, head }: Link): string => formatHead(count, head);

interface Stretch {
  keys: ChainKeys | null;
  rows: readonly AuditRow[];
  wanted: Expected | null;
}

function followAll({ keys, rows, wanted }: Stretch, from: Link): Link | Break {
  let link = from;
  for (const row of rows) {
    const next = follow(keys, link, row);
    if ("ok" in next) return next;
    link = next;
    if (wanted?.count === link.count && format(link) !== wanted.head) return replaced(wanted);
  }
  return link;
}

function follow(keys: ChainKeys | null, link: Link, { hmac, ...row }: AuditRow): Link | Break {
  const seq = link.count + 1;
  if (Number(row.seq) > seq) return broken(seq, "the row was removed");
  if (row.seq !== String(seq)) return broken(Number(row.seq), "the row was inserted");
  if (keys === null) return broken(seq, "the row was inserted: the log has no key yet");
  if (!isSameSecret(rowHmac(keys, row, link.head), hmac)) return broken(seq, "the row was changed, inserted or moved");
  return { count: seq, head: headHmac(keys, seq, hmac) };
}

interface End {
  link: Link;
  head: AuditHead;
  wanted: Expected | null;
}

function judgeEnd({ link, head, wanted }: End): AuditVerdict {
  const { count } = link;
  const reached = format(link);
  if (head.count > count) return broken(count + 1, "the log was cut off here");
  if (head.count < count) return broken(head.count + 1, "the row was inserted, or the head of the log was changed");
  if (formatHead(head.count, head.hmac) !== reached)
    return broken(count, "the log was cut off after it, or its head was changed");
  if (wanted && wanted.count > count)
    return broken(count + 1, "the log was cut off here: the expected head is of more rows");
  if (wanted?.count === 0 && count === 0 && wanted.head !== reached) return replaced(wanted);
  return { ok: true, count, head: reached };
}

const replaced = ({ count }: Expected): Break =>
  broken(count, "the row is not the one that the expected head ends with: the log was put back and written anew");

const broken = (seq: number, reason: string): Break => ({ ok: false, seq, reason });
