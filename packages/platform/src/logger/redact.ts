/** What stands in a line in place of what it must not tell. */
const redacted = "[redacted]";

/**
 * Names of fields that are never logged, at any depth, whatever their case and separators: credentials, what opens a
 * session, whom it names, and what people wrote to each other.
 */
const secretNames = new Set(
  [
    ["password", "current", "currentPassword", "newPassword", "passwordHash", "hash", "pepper"],
    ["token", "accessToken", "refreshToken", "deviceToken", "idToken", "tokenHash", "jwt", "ticket", "challenge"],
    ["secret", "clientSecret", "echoSecret", "echoSecretPrevious", "smsWebhookSecret", "apiKey", "key", "privateKey"],
    ["familyKey", "otp", "totp", "recoveryCode", "recoveryCodes", "signature", "credentials", "connectionParams"],
    ["authorization", "proxyAuthorization", "cookie", "cookies", "setCookie", "databaseUrl", "databaseDirectUrl"],
    ["redisUrl", "smtpUrl", "connectionString", "email", "phone", "phoneNumber", "address", "destination"],
    [
      "text",
      "html",
      "body",
      "content",
      "excerpt",
      "subject",
      "fallbackText",
      "metadata",
      "title",
      "displayName",
      "bio",
    ],
    ["input", "payload", "values", "params", "parameters"],
  ]
    .flat()
    .map(normalise),
);

/** Bearer tokens, JWTs and passwords of URLs, wherever a sentence quotes them. */
const secretPatterns: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${redacted}`],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, redacted],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):[^\s@/]+@/gi, `$1:${redacted}@`],
  [/([#?&](?:token|code|access_token|password|secret)=)[^&\s"']+/gi, `$1${redacted}`],
];

/** Codes of errors (NOT_FOUND, ECONNRESET, SQLSTATE) are told; one-time codes have digits or small letters. */
const errorCode = /^[A-Z_]+$|^[A-Z0-9]{5}$/;

const maxDepth = 6;
const maxItems = 50;
const maxCharacters = 8_192;

function normalise(name: string): string {
  return name.replace(/[_\-\s]/g, "").toLowerCase();
}

const snakeCase = (name: string): string =>
  name.replace(/([a-z0-9])([A-Z]+)/g, (_, before: string, after: string) => `${before}_${after.toLowerCase()}`);

/** Masks secrets within a sentence and bounds its length. */
export function redactText(text: string): string {
  const bounded = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}...` : text;
  return secretPatterns.reduce((masked, [pattern, by]) => masked.replace(pattern, by), bounded);
}

/** A copy fit for a log: names in snake_case, secrets masked, errors as data, depth and lengths bounded. */
export function redact(fields: Record<string, unknown>): Record<string, unknown> {
  return redactRecord(fields, 0);
}

function redactRecord(record: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(record).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries
      .slice(0, maxItems)
      .map(([name, value]) => [snakeCase(name), isSecret(name, value) ? redacted : redactValue(value, depth + 1)]),
  );
}

function isSecret(name: string, value: unknown): boolean {
  if (name === "code") return typeof value === "string" && !errorCode.test(value);
  return value !== null && secretNames.has(normalise(name));
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (typeof value === "function") return "[function]";
  if (typeof value !== "object" || value === null) return value;
  return depth > maxDepth ? "[too deep]" : redactObject(value, depth);
}

function redactObject(value: object, depth: number): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return `[${value.constructor.name} of ${value.size}]`;
  if (Array.isArray(value)) return value.slice(0, maxItems).map((item) => redactValue(item, depth + 1));
  return redactRecord(value, depth);
}

/** By a list of its own: drivers hang queries, parameters and rows on their errors. */
const errorFields = ["code", "kind", "constraint", "limiter"] as const;

function redactError(error: Error, depth: number): Record<string, unknown> {
  const told = errorFields.map((name) => [name, Reflect.get(error, name)] as const);
  return {
    name: error.name,
    message: redactText(error.message),
    ...Object.fromEntries(told.filter(([, value]) => typeof value === "string" || typeof value === "number")),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
    ...(error instanceof AggregateError ? { errors: redactValue(error.errors, depth + 1) } : {}),
  };
}
