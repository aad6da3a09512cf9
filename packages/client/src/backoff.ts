const firstMs = 500;
const maxMs = 30_000;

/**
 * How long to wait before the next try: up to half a second at first, then doubling to 30 s. Half of it is random, so
 * that clients which lost the same node do not come back at the same moment.
 * @param attempt 0 for the first failure in a row
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  if (attempt === 0) return random() * firstMs;
  return (0.5 + random() / 2) * Math.min(maxMs, firstMs * 2 ** attempt);
}
