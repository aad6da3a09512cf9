import { askRedis } from "./ask-redis.ts";
import type { Service } from "./service.ts";

export const redisService: Service = {
  name: "redis",
  variable: "REDIS_URL",
  usualPort: 6379,
  urlOf: (port) => `redis://127.0.0.1:${port}`,
  async check(url) {
    await askRedis(url, ["PING"]);
  },
  program: {
    command: "redis-server",
    args: ({ port, folder }) => ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--save", "60", "1"],
    isTitle: (title, port) => title.includes("redis-server") && title.includes(`:${port}`),
  },
  missing:
    "There is no Redis: set REDIS_URL, start a Docker engine, or install redis-server (apt-get install redis-server, brew install redis).",
};
