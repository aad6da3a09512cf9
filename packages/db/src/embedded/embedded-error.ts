/** Why the embedded PostgreSQL cannot serve, as one sentence for the person at the terminal. */
export class EmbeddedError extends Error {
  override readonly name = "EmbeddedError";
}

/** The sentence of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** True for a system error of that code, such as ENOENT. */
export const isSystemError = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code;
