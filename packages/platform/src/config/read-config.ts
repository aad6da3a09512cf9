import type { z } from "zod";

/** Everything that is wrong with a process's environment; one line, which a log keeps whole. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** `NAME: what it must be`; never the value, which may be a secret. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The configuration is wrong: ${faults.join("; ")}`);
    this.faults = faults;
  }
}

/**
 * Parses an environment by a process's schema; an empty variable counts as not set.
 * @throws ConfigError that names every fault
 */
export function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const trimmed = Object.entries(environment).map(([name, value]) => [name, value?.trim()] as const);
  const result = schema.safeParse(Object.fromEntries(trimmed.filter(([, value]) => value)));
  if (result.success) return result.data;
  throw new ConfigError(result.error.issues.map(toFault));
}

function toFault({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`;
}
