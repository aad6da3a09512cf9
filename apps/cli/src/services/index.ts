export { askRedis } from "./ask-redis.ts";
export { hasRedisServer, type RedisServer, type RedisServerOptions, startRedis } from "./redis-server.ts";
