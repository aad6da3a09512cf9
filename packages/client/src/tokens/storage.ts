type Awaitable<T> = T | Promise<T>;

/** Where a session survives a restart. Anything with these three does: SecureStore, AsyncStorage, localStorage. */
export interface Storage {
  get(key: string): Awaitable<string | null | undefined>;
  set(key: string, value: string): Awaitable<unknown>;
  delete(key: string): Awaitable<unknown>;
}

interface Items {
  getItem(key: string): Awaitable<string | null>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

/** A browser's `localStorage` or `sessionStorage`, or React Native's `AsyncStorage`, as a Storage. */
export function webStorage(items: Items): Storage {
  return {
    get: (key) => items.getItem(key),
    set: (key, value) => items.setItem(key, value),
    delete: (key) => items.removeItem(key),
  };
}

/** Forgets with the process. */
export function memoryStorage(): Storage {
  const values = new Map<string, string>();
  return {
    get: (key) => values.get(key),
    set: (key, value) => values.set(key, value),
    delete: (key) => values.delete(key),
  };
}
