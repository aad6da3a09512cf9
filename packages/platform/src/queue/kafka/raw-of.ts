import type { KafkaMessage } from "kafkajs";
import type { Lane } from "../checkpoints.ts";
import type { RawRecord } from "../record-format.ts";

/** A message of the client's as what it is to the queue; a lane is a partition. */
export const rawOf = (message: KafkaMessage, { topic, lane }: Lane): RawRecord => ({
  topic,
  partition: lane,
  offset: message.offset,
  timestamp: message.timestamp,
  key: message.key,
  value: message.value,
  headers: message.headers ?? {},
});
