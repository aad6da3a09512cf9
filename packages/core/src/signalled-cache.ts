import type { Bus, CacheSpace, Clock, Logger, Subscription } from "@echo/platform";
import { z } from "zod";
import type { Core } from "./core.ts";
import { Lru } from "./lru.ts";

/**
 * Values that every process may keep because a signal on the bus tells when they changed. A lost signal would leave an
 * old value, so they are used only while the bus is heard; whatever the cache does, `load` tells the truth.
 */
export interface SignalledCache<T> {
  /** `load` is asked once, for what is not kept; the answer holds only what was found. */
  getMany(keys: readonly string[], load: (missing: string[]) => Promise<Map<string, T>>): Promise<Map<string, T>>;
  /** After the commit, in the process that changed them; the others hear the signal. Never throws. */
  forget(keys: readonly string[]): Promise<void>;
}

interface SignalledCacheOptions<T> {
  prefix: string;
  schema: z.ZodType<T>;
  ttlMs: number;
  maxLocalEntries: number;
  channel: string;
  /** The keys that a signal names; none when it is no such signal. */
  keysOf(signal: unknown): readonly string[];
}

interface Kept<T> {
  value: T;
  keptAtMs: number;
}

/** security.md, "Revocation": the heartbeat comes every second. */
const maxHeartbeatAgeMs = 2_000;

export function createSignalledCache<T>(core: Core, options: SignalledCacheOptions<T>): SignalledCache<T> {
  const kept = z.object({ value: options.schema, keptAtMs: z.number() });
  const tiers = createTiers<T>({ space: core.cache.space(options.prefix, kept), ...options, ...core });
  const trust = createTrust({
    ...core,
    channel: options.channel,
    onSignal: (signal) => void tiers.forget(options.keysOf(signal)),
    onLoss: () => tiers.distrustAll(),
  });

  return {
    forget: (keys) => tiers.forget(keys),
    async getMany(keys, load) {
      if (!trust.isGiven()) return load([...keys]);
      const found = await tiers.read(keys);
      const missing = keys.filter((key) => !found.has(key));
      if (missing.length === 0) return found;
      const revision = tiers.revision();
      const loaded = await load(missing);
      await tiers.keep(loaded, revision);
      return new Map([...found, ...loaded]);
    },
  };
}

interface TiersOptions<T> {
  space: CacheSpace<Kept<T>>;
  clock: Clock;
  logger: Logger;
  ttlMs: number;
  maxLocalEntries: number;
}

/** This process's own map first, then the cache, which other processes may share. */
function createTiers<T>({ space, clock, logger, ttlMs, maxLocalEntries }: TiersOptions<T>) {
  const local = new Lru<Kept<T>>(maxLocalEntries);
  /** Keys whose deletion failed: the cache is not read before they are gone. */
  const undeleted = new Set<string>();
  let revision = 0;
  let trustedSinceMs = Number.NEGATIVE_INFINITY;
  const isFresh = ({ keptAtMs }: Kept<T>) => keptAtMs >= trustedSinceMs && keptAtMs + ttlMs > clock.now().getTime();

  function readLocal(keys: readonly string[]): Map<string, T> {
    const entries = keys.map((key) => [key, local.get(key)] as const);
    return new Map(entries.flatMap(([key, entry]) => (entry && isFresh(entry) ? [[key, entry.value]] : [])));
  }
  async function readShared(keys: string[]): Promise<Map<string, T>> {
    const seen = revision;
    try {
      await deleteShared([]);
      const entries = await space.getMany(keys);
      const fresh = keys.flatMap((key, at) =>
        entries[at] && isFresh(entries[at]) ? [[key, entries[at]] as const] : [],
      );
      if (seen === revision) for (const [key, entry] of fresh) local.set(key, entry);
      return new Map(fresh.map(([key, { value }]) => [key, value]));
    } catch (error) {
      logger.debug("The cache does not answer; reading the database", { error });
      return new Map();
    }
  }
  async function deleteShared(keys: readonly string[]): Promise<void> {
    for (const key of keys) undeleted.add(key);
    for (const key of undeleted) {
      await space.delete(key);
      undeleted.delete(key);
    }
  }
  async function forget(keys: readonly string[]): Promise<void> {
    revision += 1;
    for (const key of keys) local.delete(key);
    await deleteShared(keys).catch((error: unknown) =>
      logger.warn("A cache entry could not be deleted yet", { error }),
    );
  }

  return {
    forget,
    revision: () => revision,
    distrustAll() {
      revision += 1;
      trustedSinceMs = clock.now().getTime();
      local.clear();
    },
    async read(keys: readonly string[]): Promise<Map<string, T>> {
      const found = readLocal(keys);
      if (found.size === keys.length) return found;
      return new Map([...found, ...(await readShared(keys.filter((key) => !found.has(key))))]);
    },
    /** Not when a signal came since `seen`: the values were perhaps read before the change that it told of. */
    async keep(values: Map<string, T>, seen: number): Promise<void> {
      if (seen !== revision || values.size === 0) return;
      const entries = [...values].map(([key, value]) => [key, { value, keptAtMs: clock.now().getTime() }] as const);
      for (const [key, entry] of entries) local.set(key, entry);
      try {
        await space.setMany(entries, ttlMs);
      } catch (error) {
        logger.debug("The cache takes nothing", { error });
      }
      if (seen !== revision) await forget([...values.keys()]);
    },
  };
}

interface TrustOptions {
  bus: Bus;
  logger: Logger;
  channel: string;
  onSignal(signal: unknown): void;
  /** Signals may have been lost until now. */
  onLoss(): void;
}

/** Listens from the first use on. */
function createTrust({ bus, logger, channel, onSignal, onLoss }: TrustOptions) {
  let subscription: Subscription | null = null;
  let subscribing = false;
  bus.onReconnect(onLoss);

  async function listen(): Promise<void> {
    subscribing = true;
    try {
      subscription = await bus.subscribe(channel, onSignal);
    } catch (error) {
      logger.warn("The bus cannot be listened to; nothing is kept until it can", { error });
    } finally {
      subscribing = false;
    }
  }

  return {
    isGiven(): boolean {
      if (subscription) return bus.heartbeatAgeMs() < maxHeartbeatAgeMs;
      if (!subscribing) void listen();
      return false;
    },
  };
}
