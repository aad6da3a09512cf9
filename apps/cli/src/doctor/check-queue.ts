import { withConfiguredTopics } from "../stack/kafka.ts";
import { type Check, fault, fine } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** What brings records to consumers, and whether its topics are as they must be. */
export function checkQueue({ config }: Pick<Patient, "config">): Check {
  return {
    name: "queue",
    mend: "npm run services",
    async work() {
      if (!config.KAFKA_BROKERS) return fine("embedded: consumers read the event log");
      const faults = await withConfiguredTopics(config, (topics) => topics.check());
      const sentences = faults.map(({ topic, fault }) => `${topic}: ${fault}`);
      if (faults.length > 0) return fault(sentences.join("; "), "echoctl topics");
      return fine(`Kafka at ${config.KAFKA_BROKERS.join(", ")}, with its topics`);
    },
  };
}
