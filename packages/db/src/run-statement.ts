import pg from "pg";
import type { Statement } from "./db.ts";
import { toDbError } from "./db-error.ts";

const int8 = 20;
const int8Array = 1016;

function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is no safe integer; select it as text`);
  return value;
}

/** One dimension: int8 is never quoted. */
function toSafeIntegers(text: string): (number | null)[] {
  if (text === "{}") return [];
  const items = text.slice(1, -1).split(",");
  return items.map((item) => (item === "NULL" ? null : toSafeInteger(item)));
}

/** For our statements alone: Prisma reads int8 as BigInt, from text. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === int8) return toSafeInteger;
    if (oid === int8Array) return toSafeIntegers;
    return pg.types.getTypeParser(oid, format as "text");
  },
};

/** One statement on a pool or a connection. */
export interface Run<Row> {
  statement: Statement<Row>;
  values: readonly unknown[];
  /** False behind a pooler that cannot keep prepared statements. */
  named: boolean;
}

/** @throws DbError */
export async function runStatement<Row>(target: pg.Pool | pg.ClientBase, run: Run<Row>): Promise<Row[]> {
  const { name, text } = run.statement;
  const config = { text, values: [...run.values], types };
  try {
    const result = await target.query(run.named ? { ...config, name } : config);
    // The statement's author says what its rows are.
    return result.rows as Row[];
  } catch (error) {
    throw toDbError(error);
  }
}
