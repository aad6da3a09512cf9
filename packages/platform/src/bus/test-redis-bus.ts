import { startTestRedis, type TestRedis } from "@echo/testing/redis";
import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { connectRedis, type RedisConnection } from "../redis/redis-connection.ts";
import type { BusHarness } from "./bus.conformance.ts";
import type { Bus } from "./bus.ts";
import { createBus } from "./create-bus.ts";
import { redisTransport } from "./redis-transport.ts";

const prefix = "test:bus:0";

export interface RedisBusHarness extends BusHarness, AsyncDisposable {
  /** Of the server, which may be another one after a cut. */
  server(): TestRedis;
  /** Straight to the server. */
  ask: RedisConnection["run"];
  lines: string[];
}

/** Buses on a redis-server of their own, each with connections of its own as in processes of their own. */
export async function openRedisBusHarness(patienceMs: number): Promise<RedisBusHarness> {
  let server = await startTestRedis();
  const { url, port } = server;
  const lines: string[] = [];
  const logger = createLogger({ service: "test", destination: { write: (line) => void lines.push(line) } });
  const connections: RedisConnection[] = [];
  const buses: Bus[] = [];
  const connect = async () => {
    const connection = await connectRedis({ options: { url }, logger, clock: systemClock });
    connections.push(connection);
    return connection;
  };
  const outside = await connect();

  return {
    patienceMs,
    lines,
    server: () => server,
    ask: (command) => outside.run(command),
    async open() {
      const transport = redisTransport({ connection: await connect(), redis: { url }, prefix, logger });
      const bus = await createBus({ transports: [transport], logger, clock: systemClock });
      buses.push(bus);
      return bus;
    },
    async publishRaw(record) {
      await outside.run((redis) => redis.publish(`${prefix}:a`, record));
    },
    async dropConnections() {
      await outside.run((redis) => redis.call("CLIENT", "KILL", "TYPE", "pubsub", "SKIPME", "yes"));
      await outside.run((redis) => redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"));
    },
    cut: () => server.stop(),
    async mend() {
      server = await startTestRedis({ port });
    },
    async [Symbol.asyncDispose]() {
      for (const bus of buses) await bus.close();
      for (const connection of connections) await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
