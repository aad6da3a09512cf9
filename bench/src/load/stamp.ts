/** A time in a text, in nanoseconds of the shared clock: found in a frame without parsing it. */
const mark = "~t";
const digits = 18;

const stamp = (timeNs: number): string => `${mark}${String(Math.round(timeNs)).padStart(digits, "0")}~`;

/** Null when there is none between these bytes. */
export function findStamp(chunk: Buffer, start: number, end: number): number | null {
  const at = chunk.indexOf(mark, start);
  if (at < 0 || at + mark.length + digits > end) return null;
  return Number(chunk.toString("latin1", at + mark.length, at + mark.length + digits));
}

/** A text of an ordinary message's length that carries a time. */
export const stampedText = (timeNs: number): string => `${stamp(timeNs)} ${"lorem ipsum dolor sit amet ".repeat(4)}`;
