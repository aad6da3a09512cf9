const maxDepth = 32;

/** Why a parsed JSON value cannot be stored as it came; null when it can. */
export function jsonFault(value: unknown, depth = 1): string | null {
  if (typeof value === "string") return stringFault(value);
  if (typeof value === "number") return Number.isFinite(value) ? null : "Contains a number that JSON cannot hold";
  if (typeof value === "boolean" || value === null) return null;
  if (typeof value !== "object") return "Contains a value that JSON cannot hold";
  if (depth > maxDepth) return `Is nested deeper than ${maxDepth} levels`;
  for (const [key, member] of Object.entries(value)) {
    const fault = keyFault(key) ?? jsonFault(member, depth + 1);
    if (fault) return fault;
  }
  return null;
}

/** Objects are copied on their way, and a copy may lose that key. */
function keyFault(key: string): string | null {
  return key === "__proto__" ? "Has the key __proto__" : stringFault(key);
}

function stringFault(text: string): string | null {
  if (text.includes("\0")) return "Contains a NUL character";
  return /\p{Surrogate}/u.test(text) ? "Contains a lone surrogate" : null;
}

/** Size as UTF-8 JSON without white space. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/** JSON with sorted keys and no white space (as RFC 8785): equal values, equal text. Absent members count as not there. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
