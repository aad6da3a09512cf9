export { freePort } from "../stack/free-port.ts";
export { askRedis } from "./ask-redis.ts";
export { isAccepting } from "./is-accepting.ts";
export { type RedisServer, type RedisServerOptions, startRedis } from "./redis-server.ts";
export { hasRedisServer } from "./redis-service.ts";
