type Listener = () => void;

/** A value over time as useSyncExternalStore wants it: the same object until something changed. */
export class Store<S> {
  #snapshot: S;
  readonly #listeners = new Set<Listener>();

  constructor(initial: S) {
    this.#snapshot = initial;
  }

  get snapshot(): S {
    return this.#snapshot;
  }

  set(next: S): void {
    if (Object.is(next, this.#snapshot)) return;
    this.#snapshot = next;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Answers how to stop listening. */
  subscribe(listener: Listener): () => void {
    // Wrapped, so that the same function twice is two listeners.
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
