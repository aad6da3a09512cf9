import { spawn } from "node:child_process";
import { askRedis } from "./ask-redis.ts";
import type { Service } from "./service.ts";

const command = "redis-server";

export const redisService: Service = {
  name: "redis",
  title: "Redis",
  variable: "REDIS_URL",
  usualPort: 6379,
  addressOf: (port) => `redis://127.0.0.1:${port}`,
  // Its password is nobody's business who looks over a shoulder.
  show: (url) => Object.assign(new URL(url), { username: "", password: "" }).href,
  async check(url) {
    await askRedis(url, ["PING"]);
  },
  program: {
    command,
    findLack: async () =>
      (await hasRedisServer()) ? null : `${command} (apt-get install redis-server, brew install redis)`,
    prepare: async ({ port, folder }) => ({
      command,
      args: ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "60", "1"],
    }),
    isTitle: (title, { port }) => title.includes(command) && title.includes(`:${port}`),
  },
};

/** Whether this machine has the program. */
export async function hasRedisServer(): Promise<boolean> {
  const probe = spawn(command, ["--version"], { stdio: "ignore" });
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.once("exit", (code) => resolve(code === 0));
  });
}
