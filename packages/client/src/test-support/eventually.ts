import { vi } from "vitest";

/** Waits until the assertions hold: long enough for a busy machine, and no longer than it takes. */
export function eventually<T>(assert: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(assert, { timeout: 20_000, interval: 25 });
}
