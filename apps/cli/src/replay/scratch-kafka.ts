import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { queueTopics } from "@echo/core";
import { createLogger, type KafkaOptions, pauseUnless, withTopics } from "@echo/platform";
import { CliError } from "../cli-error.ts";
import { findKafkaLack, startKafka } from "../services/index.ts";

/** The Kafka of one run. */
export interface ScratchKafka {
  options: KafkaOptions;
  /** It is killed and comes back after so long, with what it had. */
  stopFor(ms: number): void;
  stop(): Promise<void>;
}

/**
 * Topics of this run alone on the Kafka that is given, or on one of this machine's own.
 * @throws CliError when there is neither
 */
export async function openScratchKafka(given: KafkaOptions | null, folder: string): Promise<ScratchKafka> {
  const kafka = given ? withGiven(given) : await startOwn(folder);
  const logger = createLogger({ service: "echoctl", level: "fatal" });
  try {
    await withTopics({ kafka: kafka.options, names: queueTopics, logger }, (topics) => topics.create());
    return kafka;
  } catch (error) {
    await kafka.stop();
    throw error;
  }
}

const newPrefix = (): string => `scratch-${randomBytes(4).toString("hex")}-`;

async function startOwn(folder: string): Promise<ScratchKafka> {
  const lack = await findKafkaLack();
  if (lack) throw new CliError(`--services needs Kafka: set KAFKA_BROKERS, or install ${lack}.`);
  const server = await startKafka({ folder: join(folder, "kafka") });
  const ending = new AbortController();
  /** What is being done to it: one thing after the other. */
  let doing: Promise<void> = Promise.resolve();
  return {
    options: { brokers: [server.brokers], isTls: false, sasl: null, prefix: newPrefix(), clientId: "echoctl" },
    stopFor(ms) {
      doing = doing
        .then(async () => {
          if (ending.signal.aborted) return;
          server.signal("SIGKILL");
          await pauseUnless(ending.signal, ms);
          if (!ending.signal.aborted) await server.start();
        })
        .catch(() => undefined);
    },
    async stop() {
      ending.abort();
      await doing;
      await server.stop();
    },
  };
}

/** Not ours to stop. */
const withGiven = (given: KafkaOptions): ScratchKafka => ({
  options: { ...given, prefix: `${given.prefix}${newPrefix()}` },
  stopFor: () => undefined,
  stop: async () => undefined,
});
