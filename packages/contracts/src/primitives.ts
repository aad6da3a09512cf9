import { z } from "zod";
import { jsonBytes, jsonFault } from "./json.ts";

/** What crosses a wire as text: NUL (PostgreSQL stores none) and lone surrogates (no UTF-8 has them) are refused. */
export const WireText = z
  .string()
  .refine((text) => !text.includes("\0"), "Contains a NUL character")
  .refine((text) => !/\p{Surrogate}/u.test(text), "Contains a lone surrogate");

/** Text of `min` to `max` Unicode code points. */
export function textOf(min: number, max: number) {
  return WireText.refine((text) => {
    const length = codePoints(text, max);
    return length >= min && length <= max;
  }, `Must have ${min} to ${max} characters`);
}

/** Stops early at text that is too long whatever it holds: no pair counts for more than two units. */
function codePoints(text: string, max: number): number {
  return text.length > 2 * max ? text.length : [...text].length;
}

/** A UUID of any version, in lower case; Echo's own are version 7. */
export const Id = z.guid().toLowerCase();

/** ISO 8601, UTC. */
export const Time = z.iso.datetime();

/** An absolute address that browsers may load. */
export const HttpUrl = WireText.max(2_048).refine(
  (text) => /^https?:\/\//i.test(text) && URL.canParse(text),
  "Must be an http or https address",
);

export const HttpsUrl = HttpUrl.refine((text) => /^https:/i.test(text), "Must be an https address");

/** A JSON object of at most `maxBytes` as UTF-8 JSON and 32 levels. */
export function jsonObjectOf(maxBytes: number) {
  return z.custom<Record<string, unknown>>(isObject, "Must be an object").superRefine((value, ctx) => {
    const fault = jsonFault(value) ?? (jsonBytes(value) > maxBytes ? `Must have at most ${maxBytes} bytes` : null);
    if (fault) ctx.addIssue({ code: "custom", message: fault });
  });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Anything that the sender keeps beside a message or conversation; Echo only stores it. */
export const Metadata = jsonObjectOf(4_096);
export type Metadata = z.infer<typeof Metadata>;

/** A place in a conversation: 0 is before the first message. */
export const Seq = z.int().min(0).max(2_147_483_647);

/** What a procedure answers that has nothing to say. */
export const Empty = z.strictObject({});
export type Empty = z.infer<typeof Empty>;

/** `cursor` is the `nextCursor` of the page before; a limit outside 1..200 is refused, never clamped. */
export const PageInput = z.strictObject({
  cursor: WireText.min(1).max(512).optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type PageInput = z.infer<typeof PageInput>;

/** `nextCursor` null: this was the last page. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}
