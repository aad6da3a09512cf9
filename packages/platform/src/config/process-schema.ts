import { z } from "zod";
import { loopbackOrigins } from "../http/origin-check.ts";
import { createLimitPolicies, LimitSettings } from "../limits/limit-policies.ts";
import { logLevels } from "../logger/create-logger.ts";
import type { KafkaOptions } from "../queue/kafka/kafka-options.ts";
import { Lifetimes } from "./lifetimes.ts";
import {
  baseUrl,
  databaseUrl,
  hostAddress,
  json,
  kafkaBrokers,
  kafkaPrefix,
  kafkaSasl,
  killAt,
  notYet,
  onOrOff,
  origins,
  port,
  proxies,
  redisUrl,
  secret,
  wholeNumber,
} from "./variables.ts";

/** RFC 9106 and OWASP: 19 MiB is the least that Argon2id may use. */
const argon2FloorKib = 19_456;

/** The variables of environment.md that every process reads alike. */
const sharedVariables = {
  NODE_ENV: z.string().optional(),
  ECHO_HOME: z.string().default(".echo"),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_DIRECT_URL: databaseUrl.optional(),
  DB_NAMED_STATEMENTS: onOrOff.prefault("on"),
  ECHO_HOST: hostAddress.optional(),
  ECHO_INTERNAL_HOST: hostAddress.default("127.0.0.1"),
  ECHO_KILL_AT: killAt.optional(),
  ECHO_SECRET: secret,
  ECHO_SECRET_PREVIOUS: secret.optional(),
  ECHO_ISSUER: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 printable characters without spaces")
    .default("echo-backend"),
  ECHO_ORIGINS: origins.optional(),
  ADMIN_PORT: port(3000),
  ECHO_CONSOLE_URL: baseUrl.optional(),
  ECHO_TRUSTED_PROXIES: proxies.default([]),
  ECHO_LIMITS: json(LimitSettings).prefault("{}").transform(createLimitPolicies),
  ECHO_LIFETIMES: json(Lifetimes).prefault("{}"),
  ECHO_EMAIL_VERIFICATION: z
    .literal("optional", "this version sends no mail, so it can only be optional")
    .default("optional"),
  ECHO_LOG_DAYS: wholeNumber(1, 3_650).default(7),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`).default("info"),
  ARGON2_MEMORY_KIB: wholeNumber(16, 4_194_304).default(65_536),
  REDIS_URL: redisUrl.optional(),
  KAFKA_BROKERS: kafkaBrokers.optional(),
  KAFKA_SSL: onOrOff.optional(),
  KAFKA_SASL: kafkaSasl.optional(),
  KAFKA_TOPIC_PREFIX: kafkaPrefix.optional(),
  SMTP_URL: notYet("mail"),
  SMS_WEBHOOK_URL: notYet("SMS"),
};

type Loose = Partial<z.infer<z.ZodObject<typeof sharedVariables>>>;

const SharedEnvironment = z
  .object(sharedVariables)
  // Also when single variables are wrong, so that all faults are told at once.
  .superRefine(checkTogether, { when: () => true })
  .transform((environment) => ({ ...environment, ...dependentDefaults(environment) }));
export type SharedEnvironment = z.infer<typeof SharedEnvironment>;

/** Null: no Kafka. */
export function kafkaOptionsOf(
  clientId: string,
  environment: Pick<SharedEnvironment, "KAFKA_BROKERS" | "KAFKA_SSL" | "KAFKA_SASL" | "KAFKA_TOPIC_PREFIX">,
): KafkaOptions | null {
  const { KAFKA_BROKERS: brokers, KAFKA_SSL: isTls = false, KAFKA_SASL: sasl = null } = environment;
  if (brokers === undefined) return null;
  return { brokers, isTls, sasl, prefix: environment.KAFKA_TOPIC_PREFIX ?? "", clientId };
}

/**
 * The schema of one process: what all share, and its own variables beside it. Its output has the variables' names, each
 * with its default in place.
 */
export function processSchema<Own extends z.core.$ZodShape>(own: Own) {
  return z.intersection(SharedEnvironment, z.object(own)).superRefine(refuseSamePorts, { when: () => true });
}

/** What the embedded mode's starter gives its processes, which see a DATABASE_URL like any other. */
export const embeddedEnvironment = { ECHO_HOST: "127.0.0.1", ECHO_ORIGINS: loopbackOrigins.join(",") };

function dependentDefaults(environment: Loose) {
  const isEmbedded = environment.DATABASE_URL === undefined;
  return {
    DATABASE_DIRECT_URL: environment.DATABASE_DIRECT_URL ?? environment.DATABASE_URL,
    ECHO_HOST: environment.ECHO_HOST ?? (isEmbedded ? "127.0.0.1" : "0.0.0.0"),
    ECHO_ORIGINS: environment.ECHO_ORIGINS ?? (isEmbedded ? [...loopbackOrigins] : []),
    ECHO_CONSOLE_URL: environment.ECHO_CONSOLE_URL ?? `http://127.0.0.1:${environment.ADMIN_PORT ?? 3000}`,
  };
}

function checkTogether(environment: Loose, context: z.RefinementCtx): void {
  const fault = (name: string, message: string) => context.addIssue({ code: "custom", path: [name], message });
  const isTest = environment.NODE_ENV === "test";
  const memoryKib = Number(environment.ARGON2_MEMORY_KIB);
  if (environment.ECHO_KILL_AT !== undefined && !isTest)
    fault("ECHO_KILL_AT", "is for drills under NODE_ENV=test only");
  if (memoryKib < argon2FloorKib && !isTest) {
    fault("ARGON2_MEMORY_KIB", `must be ${argon2FloorKib} or more outside of NODE_ENV=test`);
  }
  if (environment.DATABASE_DIRECT_URL !== undefined && environment.DATABASE_URL === undefined) {
    fault("DATABASE_DIRECT_URL", "needs DATABASE_URL, of which it is the direct way");
  }
  for (const name of ["KAFKA_SSL", "KAFKA_SASL", "KAFKA_TOPIC_PREFIX"] as const) {
    if (environment[name] !== undefined && environment.KAFKA_BROKERS === undefined) {
      fault(name, "needs KAFKA_BROKERS, of which it tells more");
    }
  }
}

function refuseSamePorts(environment: object, context: z.RefinementCtx): void {
  for (const [name, other] of samePorts(environment)) {
    context.addIssue({ code: "custom", path: [name], message: `is the same port as ${other}` });
  }
}

function samePorts(environment: object): [name: string, other: string][] {
  const ports = Object.entries(environment).filter(([name, value]) => name.endsWith("_PORT") && Number(value) > 0);
  return ports.flatMap(([name, value], index) => {
    const earlier = ports.slice(0, index).find(([, taken]) => Number(taken) === Number(value));
    return earlier ? [[name, earlier[0]] satisfies [string, string]] : [];
  });
}
