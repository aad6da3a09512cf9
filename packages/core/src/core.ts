import type { Db } from "@echo/db";
import type { Bus, Cache, Clock, Ids, Limits, Logger } from "@echo/platform";
import type { CoreConfig } from "./config.ts";
import type { EventLog } from "./event-log/index.ts";
import type { Ports } from "./ports.ts";

/** Everything a verb may use, wired once per process by createCore. */
export interface Core {
  db: Db;
  events: EventLog;
  cache: Cache;
  bus: Bus;
  limits: Limits;
  logger: Logger;
  clock: Clock;
  ids: Ids;
  config: CoreConfig;
  ports: Ports;
}

/** Somebody who has not signed in: where the call came from. */
export interface Caller {
  ip: string;
  requestId: string;
}

/** Who calls, by a verified token. */
export interface Actor extends Caller {
  userId: string;
  sessionId: string;
  /** When this person last proved a credential: what step-up is judged by. */
  authTime: Date;
  /** Of the access token. */
  expiresAt: Date;
}
