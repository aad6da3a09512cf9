import { createHash } from "node:crypto";

/** Prisma writes another text for every length of a list; beyond this many a connection keeps no more of them. */
const maxNames = 500;

/** Names for Prisma's statements, so that PostgreSQL parses and plans each once per connection. */
export function createStatementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // pg takes an empty name as none.
    if (names.size >= maxNames) return "";
    const name = `prisma_${createHash("sha256").update(sql).digest("hex").slice(0, 24)}`;
    names.set(sql, name);
    return name;
  };
}
