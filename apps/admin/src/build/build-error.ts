/** What went wrong, in the words of whoever found it. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}
