import type { Core } from "./core.ts";

interface BatcherOptions<K, V> {
  /** One answer for each that was asked, in the same order; one that takes longer may be a promise. */
  load(asked: readonly K[]): Promise<readonly (V | Promise<V>)[]>;
  /** So many are asked together at most. */
  maxBatch: number;
  /** So many loads run at once at most, those that take long included. Default 4. */
  maxRunning?: number;
}

/** A load that takes longer is none that others wait for: they go on as if it had ended. */
const slowMs = 50;
const defaultMaxRunning = 4;

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
  readonly #maxRunning: number;
  #waiting: Asked<K, V>[] = [];
  #running = 0;
  /** Of those that run: how many others wait for. */
  #quick = 0;
  #isDue = false;

  constructor(options: BatcherOptions<K, V>) {
    this.#options = options;
    this.#maxRunning = options.maxRunning ?? defaultMaxRunning;
  }

  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
      this.#soon();
    });
  }

  #soon(): void {
    if (this.#isDue || this.#waiting.length === 0 || this.#running >= this.#maxRunning) return;
    const isFull = this.#waiting.length >= this.#options.maxBatch;
    if (this.#quick > 0 && !isFull) return;
    this.#isDue = true;
    setImmediate(() => this.#begin());
  }

  #begin(): void {
    this.#isDue = false;
    const batch = this.#waiting.splice(0, this.#options.maxBatch);
    if (batch.length > 0) void this.#run(batch);
    this.#soon();
  }

  async #run(batch: readonly Asked<K, V>[]): Promise<void> {
    this.#running += 1;
    this.#quick += 1;
    let isQuick = true;
    const stopWaiting = () => {
      if (isQuick) this.#quick -= 1;
      isQuick = false;
      this.#soon();
    };
    const slow = setTimeout(stopWaiting, slowMs);
    try {
      const values = await this.#options.load(batch.map(({ key }) => key));
      if (values.length !== batch.length) throw new Error("a load answers as often as it was asked");
      // Of the same length, so there is one for each.
      for (const [at, { resolve }] of batch.entries()) resolve(values[at] as V | Promise<V>);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      clearTimeout(slow);
      this.#running -= 1;
      stopWaiting();
    }
  }
}

/**
 * A load for each Core: what its callers ask for one by one in a moment is loaded together.
 * @param load as BatcherOptions has it, of that Core
 */
export function batched<K, V>(
  limits: Pick<BatcherOptions<K, V>, "maxBatch" | "maxRunning">,
  load: (core: Core, asked: readonly K[]) => Promise<readonly (V | Promise<V>)[]>,
): (core: Core, key: K) => Promise<V> {
  const batchers = new WeakMap<Core, Batcher<K, V>>();
  return (core, key) => {
    const batcher = batchers.get(core) ?? new Batcher({ ...limits, load: (asked) => load(core, asked) });
    batchers.set(core, batcher);
    return batcher.load(key);
  };
}
