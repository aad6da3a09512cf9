import pg from "pg";

/** What went wrong, as far as a caller may act on it. */
export type DbErrorKind =
  | "unique"
  | "foreignKey"
  | "check"
  | "serialization"
  | "deadlock"
  | "lockTimeout"
  | "unavailable"
  | "timeout"
  | "other";

interface DbErrorOptions {
  cause?: unknown;
  constraint?: string | undefined;
}

/** The one error that leaves this package; the driver's own is its cause. */
export class DbError extends Error {
  override readonly name = "DbError";
  readonly kind: DbErrorKind;
  /** Name of the constraint or unique index, for unique, foreignKey and check. */
  readonly constraint: string | undefined;

  constructor(kind: DbErrorKind, message: string, options: DbErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.constraint = options.constraint;
  }
}

/** True for a DbError of one of the kinds, and of that constraint when one is given. */
export function isDbError(error: unknown, kind: DbErrorKind, constraint?: string): error is DbError {
  return (
    error instanceof DbError && error.kind === kind && (constraint === undefined || error.constraint === constraint)
  );
}

/** SQLSTATE, PostgreSQL appendix A. */
const kindOfState: Record<string, DbErrorKind> = {
  "23505": "unique",
  "23503": "foreignKey",
  "23001": "foreignKey",
  "23514": "check",
  "40001": "serialization",
  "40P01": "deadlock",
  "55P03": "lockTimeout",
  "57014": "timeout",
  "25P03": "timeout",
  "25P04": "timeout",
  "3D000": "unavailable",
};
/** Connection faults, bad credentials, out of resources, shutdown, system errors. */
const unavailableClasses = new Set(["08", "28", "53", "58"]);
const shutdownStates = new Set(["57P01", "57P02", "57P03", "57P04", "57P05"]);

function kindOf(state: string): DbErrorKind {
  const kind = kindOfState[state];
  if (kind !== undefined) return kind;
  return unavailableClasses.has(state.slice(0, 2)) || shutdownStates.has(state) ? "unavailable" : "other";
}

const socketCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
]);
/** pg tells these by their message alone. */
const goneMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client (has encountered a connection error|was closed)|Cannot use a pool after calling end|The server does not support SSL)/;

/** What PrismaPg says of a fault; see convertDriverError in @prisma/adapter-pg. */
interface DriverFault {
  kind: string;
  originalCode?: string;
  originalMessage?: string;
  constraint?: { index?: string };
}
const goneKinds = new Set(["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TlsConnectionError"]);

/** P1xxx: the server is away; P2024: no free connection; P2028: the transaction ran out of time; P2034: a conflict. */
const kindOfPrisma: Record<string, DbErrorKind> = {
  P1001: "unavailable",
  P1002: "unavailable",
  P1008: "unavailable",
  P1017: "unavailable",
  P2024: "unavailable",
  P2028: "timeout",
  P2034: "serialization",
};

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

function driverFaultOf(error: Error): DriverFault | undefined {
  const source = error.name === "DriverAdapterError" ? error : field(field(error, "meta"), "driverAdapterError");
  const fault = field(source, "cause");
  // The adapter's own shape, see above.
  return typeof field(fault, "kind") === "string" ? (fault as DriverFault) : undefined;
}

function fromDriverFault(fault: DriverFault, error: Error): DbError {
  const message = fault.originalMessage ?? error.message;
  if (fault.originalCode === undefined) {
    return new DbError(goneKinds.has(fault.kind) ? "unavailable" : "other", message, { cause: error });
  }
  // Only unique violations carry the name; the server's message has it for the others.
  const constraint = fault.constraint?.index ?? /constraint "([^"]+)"/.exec(message)?.[1];
  return new DbError(kindOf(fault.originalCode), message, { cause: error, constraint });
}

function fromPrisma(error: Error): DbError | undefined {
  const fault = driverFaultOf(error);
  if (fault) return fromDriverFault(fault, error);
  const code = field(error, "code");
  if (typeof code === "string" && /^P\d{4}$/.test(code)) {
    return new DbError(kindOfPrisma[code] ?? "other", error.message, { cause: error });
  }
  return error.name === "PrismaClientInitializationError"
    ? new DbError("unavailable", error.message, { cause: error })
    : undefined;
}

/** A fault of pg, PrismaPg or Prisma as DbError; whatever else it is comes back as it was. */
export function toDbError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DbError) return error;
  if (error instanceof pg.DatabaseError) {
    return new DbError(kindOf(error.code ?? ""), error.message, { cause: error, constraint: error.constraint });
  }
  const code = field(error, "code");
  if ((typeof code === "string" && socketCodes.has(code)) || goneMessages.test(error.message)) {
    return new DbError("unavailable", error.message || String(code), { cause: error });
  }
  if (error.message === "Query read timeout") return new DbError("timeout", error.message, { cause: error });
  return fromPrisma(error) ?? error;
}
