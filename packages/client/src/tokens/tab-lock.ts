/** Runs work one at a time among the tabs of an origin, where the platform can; else as it comes. */
export function tabLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  return locks ? (locks.request(name, work) as Promise<T>) : work();
}
