/** A fault that the person at the terminal can mend: its message is printed as it stands, and the exit code is 1. */
export class CliError extends Error {
  override readonly name = "CliError";
}
