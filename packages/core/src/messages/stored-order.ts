import { Buffer } from "node:buffer";

/**
 * A JSON value with its keys as jsonb gives them back: shorter ones first, then by bytes. So the first answer to a send
 * reads as every later one, which comes from the row.
 */
export function inStoredOrder<T>(value: T): T {
  return reorder(value) as T; // the same value, its keys in another order
}

function reorder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reorder);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, reorder(inner)] as const);
  return Object.fromEntries(entries.length > 1 ? entries.sort(([a], [b]) => compareKeys(a, b)) : entries);
}

function compareKeys(a: string, b: string): number {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || Buffer.compare(left, right);
}
