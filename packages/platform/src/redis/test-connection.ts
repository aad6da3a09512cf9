import { systemClock } from "../clock/clock.ts";
import { createLogger } from "../logger/create-logger.ts";
import { connectRedis, type RedisConnection } from "./redis-connection.ts";

/** A connection as a process opens it, and what it logs. */
export async function openTestConnection(url: string): Promise<{ connection: RedisConnection; lines: string[] }> {
  const lines: string[] = [];
  const logger = createLogger({ service: "test", destination: { write: (line) => void lines.push(line) } });
  return { connection: await connectRedis({ options: { url }, logger, clock: systemClock }), lines };
}
