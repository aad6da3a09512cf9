import { queueTopics } from "@echo/core";
import { createLogger, kafkaOptionsOf, type Topics, withTopics } from "@echo/platform";
import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";
import { explain } from "../explain.ts";

/** Looks after the topics of the Kafka that is configured. @throws CliError when it does not answer or refuses us */
export async function withConfiguredTopics<T>(config: CliConfig, work: (topics: Topics) => Promise<T>): Promise<T> {
  const kafka = kafkaOptionsOf("echoctl", config);
  if (kafka === null)
    throw new CliError("KAFKA_BROKERS is not set: consumers read the event log, and there are no topics.");
  const logger = createLogger({ service: "echoctl", level: "fatal" });
  try {
    return await withTopics({ kafka, names: queueTopics, logger }, work);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Kafka at ${kafka.brokers.join(", ")} does not do what it is asked: ${reason}`, {
      cause: error,
    });
  }
}

/** Makes what is missing before a start. A Kafka that is away stops nobody: it is told of, and by `/ready`. */
export async function ensureTopics(config: CliConfig, note: (line: string) => void): Promise<void> {
  try {
    const made = await withConfiguredTopics(config, (topics) => topics.create());
    if (made.length > 0) note(`Made the topics ${made.join(", ")}.`);
  } catch (error) {
    note(`${explain(error)} Starting without it; once it answers: echoctl topics`);
  }
}
