import { randomUUID } from "node:crypto";
import type { Logger } from "../../logger/logger.ts";
import type { RawRecord } from "../record-format.ts";
import { createClient } from "./create-client.ts";
import { joinGroup } from "./group-member.ts";
import type { KafkaOptions } from "./kafka-options.ts";

export interface FollowOptions {
  kafka: KafkaOptions;
  /** Without the prefix. */
  names: readonly string[];
  logger: Logger;
  /** Each committed record, from the oldest on; those of a partition in their order. */
  onRecord(record: RawRecord): void;
}

/** Reads topics as somebody does who knows nothing of Echo but its records. */
export function followTopics({ kafka, names, logger, onRecord }: FollowOptions): { stop(): Promise<void> } {
  return joinGroup({
    client: createClient(kafka, logger),
    groupId: `${kafka.prefix}follower-${randomUUID()}`,
    topics: names.map((name) => `${kafka.prefix}${name}`),
    logger,
    async onBatch({ batch, resolveOffset }) {
      const topic = batch.topic.slice(kafka.prefix.length);
      for (const { key, value, headers = {}, offset, timestamp } of batch.messages) {
        onRecord({ topic, partition: batch.partition, offset, timestamp, key, value, headers });
        resolveOffset(offset);
      }
    },
  });
}
