import type { z } from "zod";
import type { DriverFacts } from "../drivers/driver-facts.ts";

/**
 * Values of one kind under one prefix: JSON, so what is read is never the object that was written. Every call may throw EchoError UNAVAILABLE (the store does not answer);
 * `set`, `setMany` and `addMany` throw PAYLOAD_TOO_LARGE over 64 KiB of JSON. A stored value that does not parse is a miss.
 */
export interface CacheSpace<T> {
  get(key: string): Promise<T | null>;
  set(key: string, value: T, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** In the order of the keys; null for a miss. */
  getMany(keys: readonly string[]): Promise<(T | null)[]>;
  setMany(entries: readonly (readonly [key: string, value: T])[], ttlMs: number): Promise<void>;
  /** Sets only what has no value yet; the others stay as they are, and live as long. */
  addMany(entries: readonly (readonly [key: string, value: T])[], ttlMs: number): Promise<void>;
  /** False when there is no such key. */
  expire(key: string, ttlMs: number): Promise<boolean>;
  /** Milliseconds left, or null when there is no such key. */
  ttl(key: string): Promise<number | null>;
}

/** Whole numbers under one prefix; a counter without a value is 0. */
export interface CounterSpace {
  /** Adds atomically and answers the sum; a new counter lives ttlMs from now. */
  increment(key: string, by: number, ttlMs: number): Promise<number>;
  get(key: string): Promise<number>;
  delete(key: string): Promise<void>;
  expire(key: string, ttlMs: number): Promise<boolean>;
  ttl(key: string): Promise<number | null>;
}

/** What may be forgotten at any time. Embedded: an LRU with TTL in this process. */
export interface Cache {
  readonly driver: DriverFacts;
  /** @param prefix letters, digits, `-` and `_`; spaces and counters of one prefix do not meet */
  space<T>(prefix: string, schema: z.ZodType<T>): CacheSpace<T>;
  counters(prefix: string): CounterSpace;
  /** Round trip in milliseconds. @throws EchoError UNAVAILABLE */
  ping(): Promise<number>;
  close(): Promise<void>;
}
