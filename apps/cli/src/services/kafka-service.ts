import { join } from "node:path";
import { askKafka } from "./ask-kafka.ts";
import { findKafkaLack } from "./kafka-jars.ts";
import { prepareKafka } from "./prepare-kafka.ts";
import type { Service } from "./service.ts";

export const kafkaService: Service = {
  name: "kafka",
  title: "Kafka",
  variable: "KAFKA_BROKERS",
  usualPort: 9092,
  addressOf: (port) => `127.0.0.1:${port}`,
  show: (brokers) => brokers,
  check: (brokers, env) => askKafka(brokers, { isTls: env?.KAFKA_SSL === "on" }),
  program: {
    command: "java",
    findLack: findKafkaLack,
    prepare: prepareKafka,
    isTitle: (title, { folder }) => title.includes(`kafka.Kafka ${join(folder, "server.properties")}`),
  },
};
