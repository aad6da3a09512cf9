import type { CacheSpace, Clock, Logger } from "@echo/platform";
import { z } from "zod";
import { Lru } from "./lru.ts";

interface Kept<T> {
  /** Undefined: it was forgotten, and whoever read the truth before that must not bring it back. */
  value?: T | undefined;
  keptAtMs: number;
}

/** How a value is written in the cache. */
export const keptOf = <T>(schema: z.ZodType<T>) => z.object({ value: schema.optional(), keptAtMs: z.number() });

interface CacheTiersOptions<T> {
  space: CacheSpace<Kept<T>>;
  clock: Clock;
  logger: Logger;
  ttlMs: number;
  maxLocalEntries: number;
}

/**
 * What was forgotten stays so in the shared cache for so long: a process that missed the signal, and had read the old value
 * before it, would put it back for all. It may not, when its reading took half of this.
 */
const forgottenMs = 60_000;
/** Keys that wait to be marked while the cache is away; of more, the oldest entries end with their ttl. */
const maxUnmarked = 100_000;
/** Clocks of processes differ by so much at most. */
const clockSkewMs = 5_000;

/** This process's own map first, then the cache, which other processes may share. */
export class CacheTiers<T> {
  readonly #options: CacheTiersOptions<T>;
  readonly #local: Lru<Kept<T>>;
  /** Keys that could not be marked as forgotten: the cache is not read before they are. */
  readonly #unmarked = new Set<string>();
  #revision = 0;
  #trustedSinceMs = Number.NEGATIVE_INFINITY;

  constructor(options: CacheTiersOptions<T>) {
    this.#options = options;
    this.#local = new Lru(options.maxLocalEntries);
  }

  /** Changes with everything that is forgotten. */
  get revision(): number {
    return this.#revision;
  }

  async read(keys: readonly string[]): Promise<Map<string, T>> {
    const found = this.#freshOf(keys, (key) => this.#local.get(key), Number.NEGATIVE_INFINITY);
    if (found.size === keys.length) return found;
    return new Map([...found, ...(await this.#readShared(keys.filter((key) => !found.has(key))))]);
  }

  /** Not when a signal came since they were asked for: they were perhaps read before the change that it told of. */
  async keep(values: Map<string, T>, since: { revision: number; atMs: number }): Promise<void> {
    const { space, clock, ttlMs, logger } = this.#options;
    if (since.revision !== this.#revision || values.size === 0) return;
    const entries = [...values].map(([key, value]) => [key, { value, keptAtMs: clock.now().getTime() }] as const);
    for (const [key, entry] of entries) this.#local.set(key, entry);
    if (clock.monotonicMs() - since.atMs > forgottenMs / 2) return;
    try {
      await space.addMany(entries, ttlMs);
    } catch (error) {
      logger.debug("The cache takes nothing", { error });
    }
    if (since.revision !== this.#revision) await this.forget([...values.keys()]);
  }

  async forget(keys: readonly string[]): Promise<void> {
    this.#revision += 1;
    for (const key of keys) {
      this.#local.delete(key);
      this.#unmarked.delete(key);
      this.#unmarked.add(key);
    }
    for (const key of this.#unmarked) {
      if (this.#unmarked.size <= maxUnmarked) break;
      this.#unmarked.delete(key);
    }
    await this.tellForgotten();
  }

  /** Nothing that was kept until now is used any more, by whichever clock. */
  distrustAll(): void {
    this.#revision += 1;
    this.#trustedSinceMs = this.#options.clock.now().getTime() + clockSkewMs;
    this.#local.clear();
  }

  /** Tells the cache what it was not told while it was away. Never throws. */
  async tellForgotten(): Promise<void> {
    try {
      await this.#markForgotten();
    } catch (error) {
      // Its store has said so once; the cache is not read before it was told.
      this.#options.logger.debug("The cache could not be told yet what to forget", { error });
    }
  }

  async #readShared(keys: string[]): Promise<Map<string, T>> {
    const { space, logger } = this.#options;
    const seen = this.#revision;
    try {
      await this.#markForgotten();
      const entries = await space.getMany(keys);
      const read = new Map(keys.map((key, at) => [key, entries[at] ?? undefined] as const));
      const fresh = this.#freshOf(keys, (key) => read.get(key), this.#trustedSinceMs);
      if (seen === this.#revision) {
        for (const [key, entry] of read) if (entry && fresh.has(key)) this.#local.set(key, entry);
      }
      return fresh;
    } catch (error) {
      logger.debug("The cache does not answer; reading the database", { error });
      return new Map();
    }
  }

  async #markForgotten(): Promise<void> {
    const { space, clock } = this.#options;
    const keys = [...this.#unmarked];
    if (keys.length === 0) return;
    const keptAtMs = clock.now().getTime();
    const marks = keys.map((key) => [key, { keptAtMs }] as const);
    // A full store takes no mark, and still lets go of what it holds.
    await space.setMany(marks, forgottenMs).catch(() => Promise.all(keys.map((key) => space.delete(key))));
    for (const key of keys) this.#unmarked.delete(key);
  }

  #freshOf(
    keys: readonly string[],
    entryOf: (key: string) => Kept<T> | undefined,
    trustedSinceMs: number,
  ): Map<string, T> {
    const { clock, ttlMs } = this.#options;
    const oldestMs = Math.max(trustedSinceMs, clock.now().getTime() - ttlMs + 1);
    const fresh = new Map<string, T>();
    for (const key of keys) {
      const entry = entryOf(key);
      if (entry?.value !== undefined && entry.keptAtMs >= oldestMs) fresh.set(key, entry.value);
    }
    return fresh;
  }
}
