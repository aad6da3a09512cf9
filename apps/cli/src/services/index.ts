export { freePort } from "../stack/free-port.ts";
export { askKafka } from "./ask-kafka.ts";
export { askRedis } from "./ask-redis.ts";
export { isAccepting } from "./is-accepting.ts";
export { findKafkaLack } from "./kafka-jars.ts";
export { type KafkaServer, type KafkaServerOptions, startKafka } from "./kafka-server.ts";
export { type RedisServer, type RedisServerOptions, startRedis } from "./redis-server.ts";
export { hasRedisServer } from "./redis-service.ts";
