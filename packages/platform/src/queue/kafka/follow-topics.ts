import { randomUUID } from "node:crypto";
import type { Logger } from "../../logger/logger.ts";
import { nameOf } from "../checkpoints.ts";
import type { RawRecord } from "../record-format.ts";
import { createClient } from "./create-client.ts";
import { joinGroup } from "./group-member.ts";
import type { KafkaOptions } from "./kafka-options.ts";
import { rawOf } from "./raw-of.ts";

export interface FollowOptions {
  kafka: KafkaOptions;
  /** Without the prefix. */
  names: readonly string[];
  logger: Logger;
  /** Each committed record once, from the oldest on; those of a partition in their order. */
  onRecord(record: RawRecord): void;
}

/** Reads topics as somebody does who knows nothing of Echo but its records. */
export function followTopics({ kafka, names, logger, onRecord }: FollowOptions): { stop(): Promise<void> } {
  /** By topic and partition: the last offset. Who rejoins his group is given again what he did not commit. */
  const last = new Map<string, bigint>();
  return joinGroup({
    client: createClient(kafka, logger),
    groupId: `${kafka.prefix}follower-${randomUUID()}`,
    topics: names.map((name) => `${kafka.prefix}${name}`),
    logger,
    async onBatch({ batch, resolveOffset }) {
      const lane = { topic: batch.topic.slice(kafka.prefix.length), lane: batch.partition };
      for (const message of batch.messages) {
        const offset = BigInt(message.offset);
        if (offset > (last.get(nameOf(lane)) ?? -1n)) {
          onRecord(rawOf(message, lane));
          last.set(nameOf(lane), offset);
        }
        resolveOffset(message.offset);
      }
    },
  });
}
