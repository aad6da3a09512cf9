import type { Bus, Logger, Subscription } from "@echo/platform";
import type { z } from "zod";
import { CacheTiers, keptOf } from "./cache-tiers.ts";
import type { Core } from "./core.ts";

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

/** security.md, "Revocation": the heartbeat comes every second. */
const maxHeartbeatAgeMs = 2_000;

/** Listens, and keeps, from the first use on. */
export function createSignalledCache<T>(core: Core, options: SignalledCacheOptions<T>): SignalledCache<T> {
  const tiers = new CacheTiers<T>({
    space: core.cache.space(options.prefix, keptOf(options.schema)),
    ...options,
    ...core,
  });
  const trust = createTrust({
    ...core,
    channel: options.channel,
    onSignal: (signal) => void tiers.forget(options.keysOf(signal)),
    onLoss: () => {
      tiers.distrustAll();
      void tiers.tellForgotten();
    },
  });

  return {
    forget: (keys) => tiers.forget(keys),
    async getMany(keys, load) {
      if (!trust.isGiven()) return load([...keys]);
      const found = await tiers.read(keys);
      const missing = keys.filter((key) => !found.has(key));
      if (missing.length === 0) return found;
      const since = { revision: tiers.revision, atMs: core.clock.monotonicMs() };
      const loaded = await load(missing);
      await tiers.keep(loaded, since);
      return new Map([...found, ...loaded]);
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
