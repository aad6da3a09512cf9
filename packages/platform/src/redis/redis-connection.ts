import { Redis, ReplyError } from "ioredis";
import type { Clock } from "../clock/clock.ts";
import { EchoError, preconditionFailed, unavailable } from "../errors.ts";
import type { Logger } from "../logger/logger.ts";
import { withTimeout } from "../time/with-timeout.ts";
import { PendingCalls } from "./pending-calls.ts";
import { clientOptions, type RedisOptions } from "./redis-options.ts";
import { startFault } from "./start-fault.ts";

/** With the 25 ms between two looks, a call ends within 250 ms whatever Redis does. */
const deadlineMs = 150;
/** While it is away: how often it is asked, and how fast it must answer to count as back. */
const probeEveryMs = 250;
const probeMs = 100;
/** A connection that says nothing for so long is given up for a new one. */
const staleMs = 2_000;
/** A start waits so long for a server that is away. */
const startMs = 1_500;

/** Commands to one Redis, which may be away, frozen or slow at any moment. */
export interface RedisConnection {
  /**
   * Ends within 250 ms. The first call that waits too long, and a lost connection, end all others; from then on calls are
   * refused at once, until Redis answers again.
   * @throws EchoError UNAVAILABLE, also for what Redis refuses (no memory left, loading)
   */
  run<T>(command: (redis: Redis) => Promise<T>): Promise<T>;
  /** Round trip in milliseconds. @throws EchoError UNAVAILABLE */
  ping(): Promise<number>;
  /** Calls back when the server turned out to be a replica now: whatever is connected to it must find the primary. */
  onReplica(listener: () => void): void;
  close(): Promise<void>;
}

interface ConnectionParts {
  options: RedisOptions;
  logger: Logger;
  clock: Clock;
}

/**
 * Connects; when the server does not answer, later and by itself.
 * @throws EchoError PRECONDITION_FAILED when it refuses the password or its certificate is not trusted
 */
export async function connectRedis(parts: ConnectionParts): Promise<RedisConnection> {
  const connection = new WatchedConnection(parts);
  try {
    await connection.start();
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

class WatchedConnection implements RedisConnection {
  readonly #redis: Redis;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #calls: PendingCalls;
  readonly #probeKey: string;
  #state: "starting" | "up" | "down" | "closed" = "starting";
  #silentSinceMs = 0;
  #lastError: Error | null = null;
  #probe: NodeJS.Timeout | undefined;
  #tellReplica: () => void = () => undefined;

  constructor({ options, logger, clock }: ConnectionParts) {
    this.#logger = logger;
    this.#clock = clock;
    this.#probeKey = `${options.prefix ?? "echo"}:probe`;
    this.#redis = new Redis(options.url, { ...clientOptions(options), enableAutoPipelining: true });
    this.#redis.on("error", (error: Error) => {
      this.#lastError = error;
    });
    this.#redis.on("close", () => this.#goDown("the connection was lost"));
    const onOverdue = () => this.#goDown(`no answer within ${deadlineMs} ms`);
    this.#calls = new PendingCalls({ clock, deadlineMs, onOverdue });
  }

  async start(): Promise<void> {
    try {
      await withTimeout(this.#redis.connect(), startMs, "no connection in time");
      this.#state = "up";
    } catch (error) {
      const fault = startFault(this.#lastError ?? error);
      if (fault !== null) throw preconditionFailed(fault, error);
      this.#goDown(String(this.#lastError?.message ?? error));
    }
  }

  run<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#state !== "up") return Promise.reject(unavailable("Redis does not answer", this.#lastError));
    return this.#calls.add(command(this.#redis).catch((error: unknown) => this.#fail(error)));
  }

  async ping(): Promise<number> {
    const startedMs = this.#clock.monotonicMs();
    await this.run((redis) => redis.ping());
    return this.#clock.monotonicMs() - startedMs;
  }

  onReplica(listener: () => void): void {
    this.#tellReplica = listener;
  }

  async close(): Promise<void> {
    this.#state = "closed";
    clearInterval(this.#probe);
    this.#redis.disconnect();
    this.#calls.rejectAll(unavailable("The connection to Redis is closed"));
  }

  #fail(error: unknown): never {
    if (error instanceof EchoError) throw error;
    if (isOfReplica(error)) this.#leaveReplica();
    throw unavailable(isRefusal(error) ? `Redis refuses: ${error.message}` : "Redis does not answer", error);
  }

  #goDown(reason: string): void {
    if (this.#state !== "up" && this.#state !== "starting") return;
    this.#state = "down";
    this.#silentSinceMs = this.#clock.monotonicMs();
    this.#logger.warn("Redis does not answer; going on without it", { reason });
    this.#calls.rejectAll(unavailable("Redis does not answer"));
    this.#probe = setInterval(() => void this.#look(), probeEveryMs).unref();
  }

  /** After a failover the address leads to another server, which a new connection finds. */
  #leaveReplica(): void {
    this.#goDown("it is a replica now");
    this.#redis.disconnect(true);
    this.#tellReplica();
  }

  /** By a write, which a replica refuses; one without memory answers that, and is there. */
  async #look(): Promise<void> {
    try {
      await withTimeout(this.#redis.set(this.#probeKey, "1", "PX", 1_000), probeMs, "no answer");
    } catch (error) {
      if (isOfReplica(error)) return this.#redis.disconnect(true);
      if (!isRefusal(error)) return this.#giveUpWhenStale();
    }
    if (this.#state !== "down") return;
    this.#state = "up";
    clearInterval(this.#probe);
    this.#logger.info("Redis answers again");
  }

  /** One that was cut without a word would wait for ever. */
  #giveUpWhenStale(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#state !== "down" || nowMs - this.#silentSinceMs < staleMs) return;
    this.#silentSinceMs = nowMs;
    if (this.#redis.status === "end") void this.#redis.connect().catch(() => undefined);
    else this.#redis.disconnect(true);
  }
}

const isOfReplica = (error: unknown): boolean => isRefusal(error) && error.message.startsWith("READONLY");

/** It answered, with an error. */
const isRefusal = (error: unknown): error is Error => error instanceof ReplyError;
