import { kafkaService } from "./kafka-service.ts";
import { redisService } from "./redis-service.ts";
import type { Service } from "./service.ts";

/** What `npm run services` cares for: a row each. */
export const services: readonly Service[] = [redisService, kafkaService];
