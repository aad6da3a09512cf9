import { PrismaPg } from "@prisma/adapter-pg";
import type pg from "pg";
import type { Db, Statement } from "./db.ts";
import { statement } from "./db.ts";
import { toDbError } from "./db-error.ts";
import { PrismaClient } from "./generated/client.ts";
import { openListener } from "./listener.ts";
import { type Log, silent } from "./log.ts";
import { createPool, defaultConnectMs } from "./pool.ts";
import { runStatement } from "./run-statement.ts";
import { runSession } from "./session.ts";
import { createStatementNames } from "./statement-names.ts";
import { runTransaction } from "./transaction.ts";

export interface CreateDbOptions {
  /** postgresql://user:password@host:port/database */
  url: string;
  /** Bypasses a pooler: NOTIFY does not pass one. Default: url. */
  directUrl?: string;
  /** Connections at most, listeners not counted. Default 10. */
  poolMax?: number;
  /** How pg_stat_activity names this process. */
  applicationName?: string;
  /** False behind a pooler that cannot keep prepared statements. Default true. */
  namedStatements?: boolean;
  /** How long a caller waits for a free or a new connection. Default 1,500. */
  connectMs?: number;
  log?: Log;
}

const one = statement<{ one: number }>("db_ping", "SELECT 1 AS one");

/** Prisma and prepared SQL on one pool. Connects at the first use. */
export function createDb(options: CreateDbOptions): Db {
  const { url, applicationName = "echo", namedStatements: named = true, log = silent } = options;
  const connectMs = options.connectMs ?? defaultConnectMs;
  const max = options.poolMax ?? 10;
  const pool = createPool({ url, max, applicationName, connectMs, log });
  const prisma = createPrisma(pool, named);
  const query = <Row>(statement: Statement<Row>, values: readonly unknown[] = []) =>
    runStatement(pool, { statement, values, named });
  let closing: Promise<void> | undefined;
  return {
    prisma,
    query,
    transaction: (work) => runTransaction({ prisma, named, connectMs }, work),
    session: (work) => runSession({ url: options.directUrl ?? url, applicationName }, work),
    listener: (handlers) => openListener({ url: options.directUrl ?? url, applicationName, log }, handlers),
    async ping() {
      const started = performance.now();
      await query(one);
      return performance.now() - started;
    },
    stats: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount, max }),
    close: () => (closing ??= closeAll(prisma, pool)),
  };
}

function createPrisma(pool: pg.Pool, named: boolean): PrismaClient {
  const adapter = new PrismaPg(pool, named ? { statementNameGenerator: createStatementNames() } : {});
  const client = new PrismaClient({ adapter }).$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          throw toDbError(error);
        }
      },
    },
  });
  // The extension changes what is thrown and no type.
  return client as unknown as PrismaClient;
}

async function closeAll(prisma: PrismaClient, pool: pg.Pool): Promise<void> {
  await prisma.$disconnect();
  await pool.end();
}
