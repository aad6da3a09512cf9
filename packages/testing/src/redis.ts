import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askRedis, type RedisServer, type RedisServerOptions, startRedis } from "@echo/cli/services";
import { inject } from "vitest";
import { describeIfHad } from "./leave-out.ts";
import "./run-redis.ts";

export interface TestRedis extends RedisServer, AsyncDisposable {}

/** A redis-server of its own for one test, which may freeze, kill or fill it. */
export async function startTestRedis(options: Partial<RedisServerOptions> = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "echo-redis-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const server = await startRedis({ folder, ...options });
    return { ...server, [Symbol.asyncDispose]: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A suite on the run's Redis; `takeUrl` gives each caller an empty database of it, pub/sub being common to all. */
export function describeOnRedis(name: string, body: (takeUrl: () => Promise<string>) => void): void {
  const redis = inject("redis");
  const url = "url" in redis ? redis.url : "";
  describeIfHad(name, "missing" in redis ? redis.missing : null, () => body(() => takeDatabase(url)));
}

/** A suite that starts servers of its own by `startTestRedis`. */
export function describeWithRedisServer(name: string, body: () => void): void {
  describeIfHad(name, inject("redisProgram").missing, body);
}

const minDatabases = 512;

/** Counted in database 0, so that all workers of a run share the count; one that is taken again is long out of use. */
async function takeDatabase(url: string): Promise<string> {
  const [, databases] = await askRedis(url, ["CONFIG", "GET", "databases"]);
  // Fewer would be taken again while others still use them.
  if (Number(databases) < minDatabases)
    throw new Error(`ECHO_TEST_REDIS has ${databases} databases: ${minDatabases} are needed`);
  const [count] = await askRedis(url, ["SELECT", "0"], ["INCR", "echo:test:databases"]);
  const database = 1 + (Number(count) % (Number(databases) - 1));
  const own = Object.assign(new URL(url), { pathname: String(database) }).href;
  await askRedis(own, ["FLUSHDB"]);
  return own;
}
