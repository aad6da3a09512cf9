type Listener<E> = (event: E) => unknown;

/** Typed listeners by name. */
export interface Emitter<Events> {
  /** Answers how to stop listening. */
  on<T extends keyof Events>(type: T, listener: Listener<Events[T]>): () => void;
  emit<T extends keyof Events>(type: T, event: Events[T]): void;
}

export function createEmitter<Events>(): Emitter<Events> {
  const listeners: { [T in keyof Events]?: Set<Listener<Events[T]>> } = {};
  return {
    on(type, listener) {
      // Wrapped, so that the same function twice is two listeners.
      const own: typeof listener = (event) => listener(event);
      const ofType = listeners[type] ?? new Set();
      listeners[type] = ofType.add(own);
      return () => void ofType.delete(own);
    },
    emit(type, event) {
      for (const listener of [...(listeners[type] ?? [])]) notify(() => listener(event));
    },
  };
}

/** What a listener throws is its application's to see, as with EventTarget, and keeps nothing from the others. */
function notify(call: () => unknown): void {
  const surface = (error: unknown) =>
    void setTimeout(() => {
      throw error;
    });
  try {
    const result = call();
    if (result instanceof Promise) result.catch(surface);
  } catch (error) {
    surface(error);
  }
}
