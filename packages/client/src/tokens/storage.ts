type Awaitable<T> = T | Promise<T>;

/** Where a session survives a restart. Anything with these three does: SecureStore, AsyncStorage, localStorage. */
export interface Storage {
  get(key: string): Awaitable<string | null | undefined>;
  set(key: string, value: string): Awaitable<unknown>;
  delete(key: string): Awaitable<unknown>;
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
