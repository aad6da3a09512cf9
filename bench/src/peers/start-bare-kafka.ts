import { queueTopics } from "@echo/core";
import type { Pipeline } from "../echo/pipeline.ts";
import { type Child, startChild } from "../processes/start-child.ts";
import type { BareKafka } from "./kafkajs/main.ts";

/** A kafkajs with nothing around it, at the same broker and database. */
export const startBareKafka = ({ brokers, databaseUrl }: Pipeline): Promise<Child<BareKafka>> =>
  startChild<BareKafka>(new URL("kafkajs/main.ts", import.meta.url), {
    config: { brokers, databaseUrl, topics: queueTopics },
  });
