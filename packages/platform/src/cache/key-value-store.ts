import type { DriverFacts } from "../drivers/driver-facts.ts";

/** What a cache driver is: text under keys with a time to live. Every call may throw EchoError UNAVAILABLE. */
export interface KeyValueStore {
  readonly driver: DriverFacts;
  getMany(keys: readonly string[]): Promise<(string | null)[]>;
  setMany(entries: readonly (readonly [key: string, text: string])[], ttlMs: number): Promise<void>;
  /** Only the keys that are not there. */
  addMany(entries: readonly (readonly [key: string, text: string])[], ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  expire(key: string, ttlMs: number): Promise<boolean>;
  ttl(key: string): Promise<number | null>;
  /** Atomic; the ttl is that of a new key alone. */
  increment(key: string, by: number, ttlMs: number): Promise<number>;
  ping(): Promise<number>;
  close(): Promise<void>;
}
