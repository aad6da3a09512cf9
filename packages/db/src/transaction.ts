import type { Statement, Tx } from "./db.ts";
import { DbError, toDbError } from "./db-error.ts";
import type { PrismaClient } from "./generated/client.ts";
import { TransactionScope, withScope } from "./pool.ts";
import { runStatement } from "./run-statement.ts";
import { transactionMs } from "./session-settings.ts";

const maxAttempts = 5;
const firstPauseMs = 10;
/** Longer than the pool's own, so that it is the pool that says there is none. */
const longerMs = 250;

interface TransactionOptions {
  prisma: PrismaClient;
  named: boolean;
  /** How long the pool lets a caller wait. */
  connectMs: number;
}

/**
 * Prisma opens and ends the transaction, prepared SQL runs on the same connection. It costs 0.1 ms of CPU more than BEGIN
 * and COMMIT by hand, which is fine here: the hot verbs are single statements and need no transaction of their own.
 */
export async function runTransaction<T>(options: TransactionOptions, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(options, work);
    } catch (error) {
      const fault = toDbError(error);
      if (attempt === maxAttempts || !isConflict(fault)) throw fault;
    }
    await pause(attempt);
  }
}

async function runOnce<T>({ prisma, named, connectMs }: TransactionOptions, work: (tx: Tx) => Promise<T>): Promise<T> {
  const scope = new TransactionScope();
  const afterwards: (() => void)[] = [];
  const result = await withScope(scope, () =>
    prisma.$transaction(
      (client) => {
        const tx: Tx = {
          isTransaction: true,
          afterCommit: (then) => void afterwards.push(then),
          prisma: client,
          query: async <Row>(statement: Statement<Row>, values: readonly unknown[] = []) =>
            runStatement(connectionOf(scope), { statement, values, named }),
        };
        // Connections that `work` checks out are none of this scope's business.
        return withScope(null, () => work(tx));
      },
      { maxWait: connectMs + longerMs, timeout: transactionMs },
    ),
  );
  for (const then of afterwards) then();
  return result;
}

function connectionOf(scope: TransactionScope) {
  if (scope.client) return scope.client;
  throw new DbError("timeout", "The transaction is over: it ran out of time, or was used after its end");
}

const isConflict = (fault: unknown): boolean =>
  fault instanceof DbError && (fault.kind === "serialization" || fault.kind === "deadlock");

/** 10, 20, 40, 80 ms and up to as much again, so that two that met do not meet again. */
function pause(attempt: number): Promise<void> {
  const ms = firstPauseMs * 2 ** (attempt - 1) * (1 + Math.random());
  return new Promise((resolve) => setTimeout(resolve, ms));
}
