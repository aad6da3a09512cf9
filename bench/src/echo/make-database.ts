import { randomBytes } from "node:crypto";
import { createDb, type EmbeddedPostgres, migrate, statement } from "@echo/db";

/** An empty database of Echo's beside the first one, on the same server. Answers its URL. */
export async function makeDatabase({ url, adminUrl }: EmbeddedPostgres): Promise<string> {
  const name = `bench_${randomBytes(4).toString("hex")}`;
  const made = new URL(url);
  const admin = createDb({ url: adminUrl, poolMax: 1 });
  try {
    await admin.query(statement("", `CREATE DATABASE ${name} OWNER ${made.username}`));
  } finally {
    await admin.close();
  }
  made.pathname = `/${name}`;
  await migrate({ url: made.href });
  return made.href;
}
