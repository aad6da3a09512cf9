import type { Core } from "./core.ts";

interface BatcherOptions<K, V> {
  /** One answer for each that was asked, in the same order; one that takes longer may be a promise. */
  load(asked: readonly K[]): Promise<readonly (V | Promise<V>)[]>;
  /** So many are asked together at most. */
  maxBatch: number;
}

/** A load that takes longer does not keep the others waiting: another one begins beside it. */
const slowMs = 50;
const maxRunning = 4;

interface Asked<K, V> {
  key: K;
  resolve(value: V | Promise<V>): void;
  reject(error: unknown): void;
}

/**
 * Loads together what is asked for one by one: everything of one turn of the event loop, and what comes while a load is
 * running goes with the next. A caller's load begins after his call. One that fails tells all who asked in it.
 */
export class Batcher<K, V> {
  readonly #options: BatcherOptions<K, V>;
  #waiting: Asked<K, V>[] = [];
  #running = 0;
  #isDue = false;
  #slow: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions<K, V>) {
    this.#options = options;
  }

  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      this.#soon();
    });
  }

  #soon(): void {
    if (this.#isDue || this.#waiting.length === 0) return;
    const isFull = this.#waiting.length >= this.#options.maxBatch;
    if (this.#running === 0 || (isFull && this.#running < maxRunning)) {
      this.#isDue = true;
      setImmediate(() => this.#begin());
    } else if (this.#running < maxRunning) {
      this.#slow ??= setTimeout(() => this.#begin(), slowMs);
    }
  }

  #begin(): void {
    clearTimeout(this.#slow);
    this.#slow = undefined;
    this.#isDue = false;
    const batch = this.#waiting.splice(0, this.#options.maxBatch);
    if (batch.length > 0) void this.#run(batch);
    this.#soon();
  }

  async #run(batch: readonly Asked<K, V>[]): Promise<void> {
    this.#running += 1;
    try {
      const values = await this.#options.load(batch.map(({ key }) => key));
      if (values.length !== batch.length) throw new Error("a load answers as often as it was asked");
      // Of the same length, so there is one for each.
      for (const [at, { resolve }] of batch.entries()) resolve(values[at] as V | Promise<V>);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#running -= 1;
      this.#soon();
    }
  }
}

/**
 * A load for each Core: what its callers ask for one by one in a moment is loaded together.
 * @param load as BatcherOptions has it, of that Core
 */
export function batched<K, V>(
  maxBatch: number,
  load: (core: Core, asked: readonly K[]) => Promise<readonly (V | Promise<V>)[]>,
): (core: Core, key: K) => Promise<V> {
  const batchers = new WeakMap<Core, Batcher<K, V>>();
  return (core, key) => {
    const batcher = batchers.get(core) ?? new Batcher({ maxBatch, load: (asked) => load(core, asked) });
    batchers.set(core, batcher);
    return batcher.load(key);
  };
}
