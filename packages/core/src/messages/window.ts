/** Half-open range of seq that somebody may read. */
export interface Window {
  from: number;
  to: number;
}

/** Above every seq (an int4). */
export const afterLastSeq = 2 ** 31;

/** As PostgreSQL reads an int8multirange. */
export function windowsLiteral(windows: readonly Window[]): string {
  return `{${windows.filter(({ from, to }) => from < to).map(({ from, to }) => `[${from},${to})`)}}`;
}

/** The last message of a conversation that somebody with these windows may read; 0 for none. */
export function lastVisibleSeq(windows: readonly Window[], lastSeq: number): number {
  const last = windows
    .map(({ from, to }) => ({ from, seq: Math.min(to - 1, lastSeq) }))
    .findLast(({ from, seq }) => from <= seq);
  return last?.seq ?? 0;
}
