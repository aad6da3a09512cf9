import { join } from "node:path";
import { findKafkaLack, startKafka, startRedis } from "@echo/cli/services";

/** Servers of the benchmark's own; each starts when it is asked for first. */
export interface Services {
  /** @throws Error where this machine has no redis-server */
  redisUrl(): Promise<string>;
  /** host:port. @throws Error where this machine has no Kafka */
  kafkaBrokers(): Promise<string>;
  stop(): Promise<void>;
}

export function openServices(folder: string): Services {
  const redis = once(() => startRedis({ folder }));
  const kafka = once(async () => {
    const lack = await findKafkaLack();
    if (lack !== null) throw new Error(`there is no Kafka on this machine: install ${lack}`);
    return startKafka({ folder: join(folder, "kafka") });
  });
  return {
    redisUrl: async () => (await redis.open()).url,
    kafkaBrokers: async () => (await kafka.open()).brokers,
    async stop() {
      await redis.stop();
      await kafka.stop();
    },
  };
}

function once<Server extends { stop(): Promise<void> }>(start: () => Promise<Server>) {
  let started: Promise<Server> | null = null;
  return {
    open() {
      started ??= start();
      return started;
    },
    stop: async () => started?.then((server) => server.stop()).catch(() => undefined),
  };
}
