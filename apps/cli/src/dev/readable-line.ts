/** What each line has, and what the terminal says already: `@echo/api:dev:`. */
const shown = new Set(["timestamp", "level", "service", "message", "correlation_id"]);

/** A process's log line for a person: time, level, message, then the fields. What is not one of ours stays as it is. */
export function readableLine(line: string): string {
  const fields = fieldsOf(line);
  if (fields === null) return line;
  const { timestamp, level, message, ...rest } = fields;
  const words = Object.entries(rest).filter(([name]) => !shown.has(name));
  const stacks = words.flatMap(([, value]) => stackOf(value) ?? []);
  const text = words.filter(([, value]) => stackOf(value) === null).map(([name, value]) => `${name}=${plain(value)}`);
  return [[String(timestamp).slice(11, 23), String(level).padEnd(5), message, ...text].join(" "), ...stacks].join("\n");
}

function fieldsOf(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value = JSON.parse(line) as Record<string, unknown>;
    return "level" in value && "message" in value ? value : null;
  } catch {
    return null;
  }
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function stackOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("stack" in value)) return null;
  return typeof value.stack === "string" ? value.stack : null;
}
