import type { z } from "zod";

/** What an input takes and what it refuses. */
export interface Row {
  schema: z.ZodType;
  /** With every field that must be there; the first is what faults are planted in. */
  good: unknown[];
  required: string[];
  bad: unknown[];
}

export const id = "0190b6c0-5f3a-7cc1-8a0f-3c1d2e4f5a6b";
export const pair = "\u{1f642}";
export const loneSurrogate = "\ud83d";
export const url = "https://cdn.example.org/a.png";
/** `{"a": {"a": ... 1}}` of so many objects. */
export const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });
/** An object that has exactly `bytes` as JSON: `{"a":"xxx"}`. */
export const sized = (bytes: number) => ({ a: "x".repeat(bytes - 8) });
export const without = (value: object, key: string) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
