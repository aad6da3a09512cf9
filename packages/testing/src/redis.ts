import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RedisServer, type RedisServerOptions, startRedis } from "@echo/cli/services";

export interface TestRedis extends RedisServer, AsyncDisposable {}

/** A redis-server of its own for one test, which may freeze, kill or fill it. */
export async function startTestRedis(options: Partial<RedisServerOptions> = {}): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "echo-redis-"));
  const server = await startRedis({ folder, ...options });
  return {
    ...server,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
