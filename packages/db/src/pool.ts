import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import type { Log } from "./log.ts";
import { applySettings } from "./session-settings.ts";

export interface PoolOptions {
  url: string;
  /** Connections at most. */
  max: number;
  applicationName: string;
  /** How long a caller waits for a free or a new connection. */
  connectMs: number;
  log: Log;
}

const lifetimeSeconds = 300;
const idleMs = 240_000;
/** With it a call answers UNAVAILABLE within 2 s. */
export const defaultConnectMs = 1_500;

/** Where a transaction keeps the connection that Prisma checked out for it. */
export class TransactionScope {
  #client: pg.PoolClient | undefined;

  /** Undefined once the connection went back to the pool: it may serve somebody else by now. */
  get client(): pg.PoolClient | undefined {
    return this.#client;
  }

  hold(client: pg.PoolClient): void {
    const release = client.release;
    this.#client = client;
    client.release = (error) => {
      this.#client = undefined;
      release(error);
    };
  }
}

const scopes = new AsyncLocalStorage<TransactionScope | null>();

/** Runs `work`; the first connection that is checked out within becomes the scope's. */
export function withScope<T>(scope: TransactionScope | null, work: () => Promise<T>): Promise<T> {
  return scopes.run(scope, work);
}

/**
 * PrismaPg checks out a connection for an interactive transaction and hides it; this pool hands it to the scope too, so
 * that prepared SQL and Prisma share it.
 */
class ScopedPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback) {
      super.connect(callback);
      return undefined;
    }
    const scope = scopes.getStore();
    return super.connect().then((client) => {
      if (scope && !scope.client) scope.hold(client);
      return client;
    });
  }
}
type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

export function createPool(options: PoolOptions): pg.Pool {
  const pool = new ScopedPool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.max,
    maxLifetimeSeconds: lifetimeSeconds,
    idleTimeoutMillis: idleMs,
    connectionTimeoutMillis: options.connectMs,
    keepAlive: true,
    // The pool waits for it (pg-pool 3.14), which the published type does not say.
    onConnect: ((client: pg.ClientBase) => client.query(applySettings)) as unknown as (client: pg.ClientBase) => void,
  });
  pool.on("error", (error) => options.log("warn", "an idle database connection was lost", { error: error.message }));
  return pool;
}
