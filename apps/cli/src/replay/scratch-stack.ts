import { randomBytes } from "node:crypto";
import { type EmbeddedPostgres, startEmbedded } from "@echo/db";
import { type KafkaOptions, kafkaOptionsOf } from "@echo/platform";
import { processEnvironment, readCliConfig } from "../config.ts";
import { migrateDatabase } from "../stack/database.ts";
import { anyPorts, type Stack, type StackOptions, startStack } from "../stack/stack.ts";
import type { Terminal } from "../terminal.ts";
import type { Blow } from "./chaos.ts";
import { openScratchKafka, type ScratchKafka } from "./scratch-kafka.ts";
import { openScratchRedis, type ScratchRedis } from "./scratch-services.ts";
import { Unfinished } from "./unfinished.ts";

/** Hundreds of people on one address who type faster than people: counted, and never refused for it. */
const limits = {
  anonymous: { limit: 100_000, windowMs: 60_000 },
  ipCeiling: { limit: 100_000_000, windowMs: 60_000 },
  user: { burst: 100_000, perSecond: 100_000 },
  send: { burst: 100_000, perSecond: 100_000 },
  socket: { burst: 10_000, perSecond: 10_000 },
  register: { limit: 100_000, windowMs: 3_600_000 },
  hashing: { places: 32, perIp: 32 },
  socketsPerIpUnauthenticated: 1_000,
};
/** RFC 9106's least: hundreds of registrations are not what a replay measures. */
const argonMemoryKib = 19_456;

export interface ScratchOptions {
  home: string;
  /** Of api and realtime each. */
  nodes: number;
  /** On Redis and Kafka instead of the embedded drivers. */
  withServices: boolean;
  mains?: StackOptions["mains"];
}

export interface ScratchStack {
  home: string;
  stack: Stack;
  /** What its processes run with. */
  environment: Record<string, string>;
  apiUrls: string[];
  realtimeUrls: string[];
  /** Null: the embedded drivers. */
  kafka: ScratchKafka | null;
  strike(blow: Blow): void;
  /** Runs what would leave something behind if it were cut: `stop` waits for it. @throws after `stop` */
  finish<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** Everything anew in `home`, on free ports: no other Echo on this machine is touched. */
export async function openScratchStack(terminal: Terminal, options: ScratchOptions): Promise<ScratchStack> {
  terminal.note(`limits of this run: ${JSON.stringify(limits)}`);
  const { home } = options;
  let embedded: EmbeddedPostgres | null = null;
  let redis: ScratchRedis | null = null;
  let kafka: ScratchKafka | null = null;
  const stopStores = async () => {
    await embedded?.stop();
    await kafka?.stop();
    await redis?.stop();
  };
  try {
    if (options.withServices) {
      redis = await openScratchRedis(terminal.env.REDIS_URL, home);
      kafka = await openScratchKafka(kafkaOptionsOf("echoctl", readCliConfig(terminal.env)), home);
    }
    embedded = await startEmbedded({ home });
    await migrateDatabase({ url: embedded.url, directUrl: embedded.url }, () => undefined);
    const environment = environmentOf(terminal, { databaseUrl: embedded.url, redis, kafka });
    const stack = await runStack(terminal, options, environment);
    const stores = { embedded, redis, kafka };
    const unfinished = new Unfinished();
    return {
      home,
      stack,
      environment,
      apiUrls: stack.of("api").map(({ ports }) => `http://127.0.0.1:${ports.port}`),
      realtimeUrls: stack.of("realtime").map(({ ports }) => `ws://127.0.0.1:${ports.port}`),
      kafka,
      strike: (blow) => strike(blow, { ...stores, stack, note: terminal.note }),
      finish: (work) => unfinished.run(work),
      async stop() {
        await unfinished.end();
        await stack.stop();
        await stopStores();
      },
    };
  } catch (error) {
    await stopStores();
    throw error;
  }
}

interface Stores {
  databaseUrl: string;
  redis: ScratchRedis | null;
  kafka: ScratchKafka | null;
}

function environmentOf(terminal: Terminal, { databaseUrl, redis, kafka }: Stores): Record<string, string> {
  const secret = randomBytes(32).toString("base64url");
  const inherited = Object.fromEntries(Object.entries(terminal.env).filter(([name]) => !/^(REDIS|KAFKA)_/.test(name)));
  return {
    ...processEnvironment(inherited, { databaseUrl, secret, isEmbedded: true }),
    ...(redis ? { REDIS_URL: redis.url } : {}),
    ...(kafka ? variablesOf(kafka.options) : {}),
    ECHO_LIMITS: JSON.stringify(limits),
    ARGON2_MEMORY_KIB: String(argonMemoryKib),
  };
}

function variablesOf({ brokers, isTls, sasl, prefix }: KafkaOptions): Record<string, string> {
  return {
    KAFKA_BROKERS: brokers.join(","),
    KAFKA_TOPIC_PREFIX: prefix,
    ...(isTls ? { KAFKA_SSL: "on" } : {}),
    ...(sasl ? { KAFKA_SASL: `${sasl.mechanism}:${sasl.username}:${sasl.password}` } : {}),
  };
}

async function runStack(
  terminal: Terminal,
  { home, nodes, mains }: ScratchOptions,
  environment: Record<string, string>,
): Promise<Stack> {
  let giveUp: (error: Error) => void = () => undefined;
  const gaveUp = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const stack = startStack({
    home,
    nodes,
    mains,
    ports: anyPorts,
    environment,
    onWarning: terminal.note,
    onReady: () => undefined,
    onDeath: () => undefined,
    onGiveUp: giveUp,
  });
  await Promise.race([stack.whenReady(), gaveUp]);
  gaveUp.catch((error: Error) => terminal.note(error.message));
  return stack;
}

interface Targets {
  stack: Stack;
  embedded: EmbeddedPostgres;
  redis: ScratchRedis | null;
  kafka: ScratchKafka | null;
  note(line: string): void;
}

function strike(blow: Blow, { stack, embedded, redis, kafka, note }: Targets): void {
  if (blow.does === "kill") stack.of(blow.kind)[blow.node]?.kill("SIGKILL");
  else if (blow.does === "freeze redis") redis?.freeze();
  else if (blow.does === "stop redis") redis?.stopFor(blow.forMs);
  else if (blow.does === "stop kafka") kafka?.stopFor(blow.forMs);
  else void restart(embedded).catch((error: unknown) => note(`PostgreSQL did not come back: ${String(error)}`));
}

/** As a crash: what was committed is recovered, and every connection is gone. */
async function restart(embedded: EmbeddedPostgres): Promise<void> {
  process.kill(embedded.pid, "SIGQUIT");
  await embedded.ensureRunning();
}
