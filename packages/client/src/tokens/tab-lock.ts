/** Whoever waits this long for the others goes on without: a page that was put to sleep may hold a lock for hours. */
export const maxLockMs = 10_000;

/**
 * Runs work one at a time among the tabs of an origin, where the platform can; else as it comes.
 * @param work is told whether somebody else held the lock before
 */
export async function tabLock<T>(name: string, work: (hasWaited: boolean) => Promise<T>): Promise<T> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  const begun: Promise<T>[] = [];
  const begin = (hasWaited: boolean) => {
    if (begun.length === 0) begun.push(work(hasWaited));
    return begun[0];
  };
  try {
    await locks?.request(name, { ifAvailable: true }, (lock) => (lock ? begin(false) : undefined));
    if (begun.length === 0) await locks?.request(name, { signal: AbortSignal.timeout(maxLockMs) }, () => begin(true));
  } catch {
    // Not granted in time, or never to such a page; what the work itself throws is thrown below.
  }
  return begin(locks !== undefined) as Promise<T>;
}
