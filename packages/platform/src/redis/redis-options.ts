import type { RedisOptions as ClientOptions } from "ioredis";

export interface RedisOptions {
  /** redis://user:password@host:port/db; rediss:// for TLS. */
  url: string;
  /** Begins every key and channel. Default `echo`. */
  prefix?: string;
  /** How CLIENT LIST names the connections of this process. */
  connectionName?: string;
}

/** Pub/sub knows no databases: so that two systems on two of them do not hear each other, channels name theirs. */
export const databaseOf = ({ url }: RedisOptions): number => Number(new URL(url).pathname.slice(1));

const connectMs = 1_000;
const firstRetryMs = 50;
const maxRetryMs = 500;

/**
 * Of every connection of ours: nothing waits for a server that is away, nothing is sent twice, and the connection is tried
 * again for ever.
 */
export const clientOptions = ({ connectionName = "echo" }: RedisOptions): ClientOptions => ({
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  // With each lost connection its unanswered calls end; with null they would never.
  maxRetriesPerRequest: 0,
  connectTimeout: connectMs,
  keepAlive: 10_000,
  connectionName,
  retryStrategy: (times) => Math.min(firstRetryMs * 2 ** Math.min(times - 1, 10), maxRetryMs),
});
