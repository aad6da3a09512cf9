import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askRedis, hasRedisServer, startRedis } from "@echo/cli/services";
import "vitest";
import { watchOver } from "./watch-over.ts";

/** Where it is, or the reason for which the suites that need it are skipped. */
type Supply = { url: string } | { missing: string };

declare module "vitest" {
  interface ProvidedContext {
    /** The run's Redis, for suites that share one. */
    redis: Supply;
    /** Whether a test can start a redis-server of its own, to freeze, kill or fill it. */
    redisProgram: { missing: string | null };
  }
}

const noProgram = "there is no redis-server on this machine: install one (apt-get install redis-server)";

export interface RunRedis {
  redis: Supply;
  redisProgram: { missing: string | null };
  close(): Promise<void>;
}

/** ECHO_TEST_REDIS when it is given, else a redis-server of this machine that goes with the run. */
export async function openRedis(given: string | undefined): Promise<RunRedis> {
  const hasProgram = await hasRedisServer();
  const redisProgram = { missing: hasProgram ? null : noProgram };
  const close = async () => undefined;
  if (given) {
    await askRedis(given, ["PING"]);
    return { redis: { url: given }, redisProgram, close };
  }
  if (!hasProgram) return { redis: { missing: `${noProgram}, or name one in ECHO_TEST_REDIS` }, redisProgram, close };
  const folder = await mkdtemp(join(tmpdir(), "echo-redis-"));
  const server = await startRedis({ folder, args: ["--databases", "1024"] });
  const endWatch = watchOver('kill -KILL "$2"; rm -rf -- "$1"', folder, String(server.pid));
  return {
    redis: { url: server.url },
    redisProgram,
    async close() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
      endWatch();
    },
  };
}
