import { type Core, createCoreHealth, openQueue } from "@echo/core";
import { addressOf, createHostCheck, createProbeServer, type KafkaOptions, listen } from "@echo/platform";
import type { WorkerConfig } from "./config.ts";
import { consumers } from "./consumers/index.ts";

const requestMs = 10_000;

/** The consumers of a process, at work. */
export interface RunningWorker {
  internalUrl: string;
  /** Finishes what is being handled, then closes the port. */
  close(): Promise<void>;
}

interface WorkerOptions {
  core: Core;
  config: WorkerConfig;
  /** Null: consumers read the log itself. */
  kafka: KafkaOptions | null;
}

/** Opens the port for operators and has every consumer work. @throws when the port is taken */
export async function startWorker({ core, config, kafka }: WorkerOptions): Promise<RunningWorker> {
  const queue = openQueue(core, kafka);
  const facts = { service: "worker", version: config.version };
  const health = createCoreHealth(core, facts, { queue: { probe: () => queue.ping(), isVital: false } });
  const server = createProbeServer({
    health,
    isInternal: true,
    isAllowedHost: createHostCheck(config.origins),
    requestMs,
    nothingHere: "There is nothing here; /health and /ready tell how the worker is",
  });
  const internalUrl = `http://${addressOf(await listen(server, config.internalHost, config.internalPort))}`;
  const running = [queue.relay(), ...consumers.map((consumer) => queue.consume(consumer))];
  return {
    internalUrl,
    async close() {
      health.drain();
      await Promise.all(running.map((consumer) => consumer.stop()));
      await queue.close();
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}
