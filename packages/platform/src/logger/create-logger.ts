import { type DestinationStream, type Logger as PinoLogger, pino } from "pino";
import { requestContext } from "../request-context/request-context.ts";
import type { LogFields, Logger } from "./logger.ts";
import { redact, redactText } from "./redact.ts";
import { standardOutput } from "./standard-output.ts";

export const logLevels = ["debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface CreateLoggerOptions {
  /** What this process is called in its lines: api, realtime. */
  service: string;
  level?: LogLevel;
  /** Default: standard output. */
  destination?: DestinationStream;
}

/** JSON lines with the fields of from-the-design.md. */
export function createLogger(options: CreateLoggerOptions): Logger {
  const { service, level = "info", destination = standardOutput() } = options;
  const settings = {
    level,
    base: { service },
    messageKey: "message",
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: contextFields,
  };
  return wrap(pino(settings, destination), {});
}

function contextFields(): Record<string, string> {
  const context = requestContext();
  if (!context) return {};
  const { requestId, correlationId, userId } = context;
  return {
    request_id: requestId,
    correlation_id: correlationId,
    ...(userId === undefined ? {} : { user_id: userId }),
  };
}

/** What a line always has; JSON with a name twice is read in as many ways as there are parsers. */
const reserved = new Set(["timestamp", "level", "service", "message"]);

function toLine(fields: LogFields): LogFields {
  const entries = Object.entries(redact(fields));
  return Object.fromEntries(entries.map(([name, value]) => [reserved.has(name) ? `field_${name}` : name, value]));
}

/** Fields of children are merged here, not by pino: it would write a name twice when a line repeats it. */
function wrap(target: PinoLogger, inherited: LogFields): Logger {
  const write =
    (level: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      if (!target.isLevelEnabled(level)) return;
      target[level]({ ...inherited, ...(fields && toLine(fields)) }, redactText(message));
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
    child: (fields) => wrap(target, { ...inherited, ...toLine(fields) }),
  };
}
