import type { Store } from "./store.ts";

/** Something live behind a store: it listens and loads until it is closed. */
export interface LiveStore<S> {
  readonly store: Store<S>;
  close(): void;
}

interface Shared<L> {
  live: L;
  subscribers: number;
}

/** One live store per key, shared by all who subscribe: opened for the first, closed once the last is gone. */
export class SharedStores<S, L extends LiveStore<S>> {
  readonly #open: (key: string) => L;
  readonly #shared = new Map<string, Shared<L>>();
  /** What there is to see while nobody subscribes: at a first render, and on a server. */
  readonly initial: S;

  constructor(initial: S, open: (key: string) => L) {
    this.initial = initial;
    this.#open = open;
  }

  /** How many are open. */
  get size(): number {
    return this.#shared.size;
  }

  /** The open one; undefined while nobody subscribes. */
  find(key: string): L | undefined {
    return this.#shared.get(key)?.live;
  }

  all(): L[] {
    return [...this.#shared.values()].map(({ live }) => live);
  }

  snapshot(key: string): S {
    return this.find(key)?.store.snapshot ?? this.initial;
  }

  subscribe(key: string, listener: () => void): () => void {
    const shared = this.#shared.get(key) ?? { live: this.#open(key), subscribers: 0 };
    this.#shared.set(key, shared);
    shared.subscribers += 1;
    const stop = shared.live.store.subscribe(listener);
    return () => {
      stop();
      shared.subscribers -= 1;
      // Not at once: a component that is moved, or run twice by StrictMode, subscribes again in the same task.
      queueMicrotask(() => this.#release(key, shared));
    };
  }

  #release(key: string, shared: Shared<L>): void {
    if (shared.subscribers > 0 || this.#shared.get(key) !== shared) return;
    this.#shared.delete(key);
    shared.live.close();
  }
}
