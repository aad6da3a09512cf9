export { freePort } from "../stack/free-port.ts";
export { askRedis } from "./ask-redis.ts";
export { isAccepting } from "./is-accepting.ts";
export { hasRedisServer, type RedisServer, type RedisServerOptions, startRedis } from "./redis-server.ts";
