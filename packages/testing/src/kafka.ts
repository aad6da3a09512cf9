import { randomBytes } from "node:crypto";
import { beforeAll, inject } from "vitest";
import { describeIfHad } from "./leave-out.ts";
import { askForKafka } from "./run-kafka.ts";

export { startTestKafka, type TestKafka } from "./run-kafka.ts";

/** Its jars may have to be fetched. */
const startWithinMs = 300_000;

/** The run's Kafka, as a suite sees it. */
export interface SharedKafka {
  /** host:port; for tests and hooks, since it starts with the suite. */
  readonly brokers: string;
  /** What nobody else's topics and groups begin with. */
  takePrefix(): string;
}

/** A suite on the run's Kafka, which all suites share. */
export function describeOnKafka(name: string, body: (kafka: SharedKafka) => void): void {
  const supply = inject("kafka");
  let brokers = "brokers" in supply ? supply.brokers : null;
  describeIfHad(name, "missing" in supply ? supply.missing : null, () => {
    beforeAll(async () => {
      if ("askPort" in supply) brokers = await askForKafka(supply.askPort);
    }, startWithinMs);
    body({
      get brokers() {
        if (brokers === null) throw new Error("The run's Kafka starts with its suite: ask for brokers inside a test.");
        return brokers;
      },
      takePrefix: () => `test-${randomBytes(6).toString("hex")}-`,
    });
  });
}

/** A suite that starts brokers of its own by `startTestKafka`. */
export function describeWithKafkaProgram(name: string, body: () => void): void {
  describeIfHad(name, inject("kafkaProgram").missing, body);
}
