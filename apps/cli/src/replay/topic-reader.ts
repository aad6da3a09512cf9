import { setTimeout as pause } from "node:timers/promises";
import { queueTopics } from "@echo/core";
import { createLogger, followTopics, type KafkaOptions } from "@echo/platform";
import { type TopicFigures, TopicLedger } from "./topic-ledger.ts";

/** Kafka may be away for a minute when the replay is over, and its consumers need a while to come back. */
const patienceMs = 120_000;
/** What comes too often may come last. */
const quietMs = 2_000;

export interface TopicReader {
  said(messageId: string): void;
  /** Waits for what was said and has not come, as long as something comes. */
  settle(): Promise<TopicFigures>;
  stop(): Promise<void>;
}

/** Reads what the relay brings, from outside. */
export function openTopicReader(kafka: KafkaOptions): TopicReader {
  const ledger = new TopicLedger();
  const logger = createLogger({ service: "echoctl", level: "fatal" });
  const follower = followTopics({ kafka, names: queueTopics, logger, onRecord: (record) => ledger.read(record) });
  return {
    said: (messageId) => ledger.said(messageId),
    async settle() {
      let seen = ledger.records;
      const enoughMs = () => (ledger.missing > 0 ? patienceMs : quietMs);
      for (let idleSince = Date.now(); Date.now() - idleSince < enoughMs(); ) {
        await pause(100);
        if (ledger.records !== seen) idleSince = Date.now();
        seen = ledger.records;
      }
      return ledger.compare();
    },
    stop: () => follower.stop(),
  };
}
