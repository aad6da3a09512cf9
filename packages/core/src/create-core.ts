import { createDb, isDbError, type Log } from "@echo/db";
import { armKillPoint, createDrivers, createLogger, type Logger, systemClock, systemIds } from "@echo/platform";
import { assertSecretMatches, createKeys, createPasswords } from "./auth/index.ts";
import type { Core } from "./core.ts";
import { createEventLog } from "./event-log/index.ts";
import { closeMessages } from "./messages/index.ts";
import type { Ports } from "./ports.ts";
import type { ProcessConfig } from "./process-config.ts";

/** What stands in the place of the real thing; whoever made it closes it. */
export type CoreOverrides = Partial<Omit<Core, "config" | "ports">> & { ports?: Partial<Ports> };

interface Opened {
  name: string;
  close(): Promise<void>;
}

/** What createCore opened for a Core, in that order. */
const openedFor = new WeakMap<Core, Opened[]>();

/**
 * Wires platform, database and slices, once per process, and starts the event log.
 * @throws EchoError PRECONDITION_FAILED when ECHO_SECRET is not this database's, UNAVAILABLE; DbError
 */
export async function createCore(config: ProcessConfig, overrides: CoreOverrides = {}): Promise<Core> {
  const { clock = systemClock, ids = systemIds } = overrides;
  const logger = overrides.logger ?? createLogger({ service: config.service, level: config.logLevel });
  if (config.killAt) armKillPoint(config.killAt);
  const opened: Opened[] = [];
  try {
    const core = await wire({ ...overrides, config, clock, ids, logger }, opened);
    openedFor.set(core, opened);
    return core;
  } catch (error) {
    await closeAll(opened, logger);
    throw error;
  }
}

type Wiring = CoreOverrides & Pick<Core, "clock" | "ids" | "logger"> & { config: ProcessConfig };

async function wire({ config, clock, ids, logger, ...overrides }: Wiring, opened: Opened[]): Promise<Core> {
  const open = <T extends { close(): Promise<void> }>(name: string, made: T): T => {
    opened.push({ name, close: () => made.close() });
    return made;
  };
  const { service, database, redis, argon2, limits, logDays } = config;
  const db =
    overrides.db ??
    open("database", createDb({ ...database, applicationName: `echo-${service}`, log: createDbLog(logger) }));
  await onceConnected(() => assertSecretMatches(db, config.secret, config.previousSecret));

  const drivers = { ...open("drivers", await createDrivers({ db, logger, clock, redis })), ...overrides };
  const { bus } = drivers;
  const keys = createKeys({ db, config, clock, ids });
  const passwords = createPasswords({ argon2, queue: limits.hashing, clock });
  const events = overrides.events ?? createEventLog({ db, bus, logger, logDays });
  const core: Core = {
    db,
    events,
    cache: drivers.cache,
    bus,
    limits: drivers.limits,
    logger,
    clock,
    ids,
    config,
    ports: { keys, passwords, ...overrides.ports },
  };
  opened.push({ name: "event log", close: () => events.stop() });
  await events.start();
  opened.push({ name: "receipts and typing", close: () => closeMessages(core) });
  return core;
}

/** A process that starts is busy with itself: its first connection may take longer than a call waits for one. */
async function onceConnected(work: () => Promise<void>, attempts = 3): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (attempts === 1 || !isDbError(error, "unavailable")) throw error;
    await onceConnected(work, attempts - 1);
  }
}

/** Writes and tells what still waits, then closes what createCore opened, the last first. Never throws. */
export async function stopCore(core: Core): Promise<void> {
  const opened = openedFor.get(core) ?? [];
  openedFor.delete(core);
  await closeAll(opened, core.logger);
}

async function closeAll(opened: readonly Opened[], logger: Logger): Promise<void> {
  for (const { name, close } of opened.toReversed()) {
    try {
      await close();
    } catch (error) {
      logger.error("failed to close", { name, error });
    }
  }
}

const createDbLog =
  (logger: Logger): Log =>
  (level, message, fields) =>
    logger[level](message, fields);
