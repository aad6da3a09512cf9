import { type Db, statement } from "@echo/db";
import type { Clock } from "../clock/clock.ts";
import { internal, payloadTooLarge, unavailable } from "../errors.ts";
import type { Logger } from "../logger/logger.ts";
import { withTimeout } from "../time/with-timeout.ts";
import type { Bus } from "./bus.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { type EncodedMessage, fromPacket, maxMessageBytes, toPackets } from "./packet.ts";
import { createRouter, type Router } from "./router.ts";

export interface PostgresBusOptions {
  db: Db;
  logger: Logger;
  clock: Clock;
  /** Messages that wait for the database at most; one more is UNAVAILABLE. Default 10,000. */
  maxQueued?: number;
}

/** One channel of the server for all of ours: it knows few, and every process hears them anyway. */
const pgChannel = "echo_bus";
/** No channel of a caller can be called so. */
const heartbeatChannel = "$heartbeat";
const pingChannel = "$ping";
const heartbeatMs = 1_000;
const pingTimeoutMs = 2_000;

const notify = statement<{ sent: number }>(
  "bus_notify",
  "SELECT count(pg_notify($1, packet)) AS sent FROM unnest($2::text[]) AS packet",
);

/**
 * LISTEN and NOTIFY: the messages of one tick travel in one statement, packed, and are routed within each process.
 * @throws EchoError UNAVAILABLE when the database cannot be listened to
 */
export async function createPostgresBus(options: PostgresBusOptions): Promise<Bus> {
  const { db, logger, clock, maxQueued = 10_000 } = options;
  const router = createRouter(logger);
  const reconnectListeners = new Set<() => void>();
  const listener = await openListener(db, {
    onNotification: ({ payload }) => deliver(payload, { router, logger }),
    onReconnect: () => callAll(reconnectListeners, logger),
  });
  const outbox = createOutbox({ send: createSend(db), maxQueued });
  const heartbeat = startHeartbeat({ router, outbox, clock });
  let isClosed = false;

  return {
    driver: { name: "postgres", isShared: true },
    maxPayloadBytes: maxMessageBytes,
    publish: async (channel, payload) => outbox.add({ channel: checked(channel), json: encode(payload) }),
    async subscribe(channel, onMessage) {
      if (isClosed) throw unavailable("The bus is closed");
      const end = router.add(checked(channel), onMessage);
      return { unsubscribe: async () => end() };
    },
    onReconnect(onBack) {
      const entry = () => onBack();
      reconnectListeners.add(entry);
      return () => void reconnectListeners.delete(entry);
    },
    heartbeatAgeMs: heartbeat.ageMs,
    ping: createPing({ router, outbox, clock }),
    async close() {
      isClosed = true;
      heartbeat.stop();
      router.clear();
      reconnectListeners.clear();
      await outbox.close();
      await listener.close();
    },
  };
}

interface Parts {
  router: Router;
  outbox: Outbox;
  clock: Clock;
}

async function openListener(db: Db, handlers: Parameters<Db["listener"]>[0]) {
  try {
    const listener = await db.listener(handlers);
    await listener.listen(pgChannel);
    return listener;
  } catch (cause) {
    throw unavailable("The bus cannot listen to the database", cause);
  }
}

function createSend(db: Db): (messages: readonly EncodedMessage[]) => Promise<void> {
  let serial = 0;
  return async (messages) => {
    await db.query(notify, [pgChannel, toPackets(messages, () => (serial += 1))]);
  };
}

function deliver(packet: string, { router, logger }: { router: Router; logger: Logger }): void {
  const messages = fromPacket(packet);
  if (messages) for (const message of messages) router.deliver(message);
  else logger.warn("dropped a malformed record from the bus", { characters: packet.length });
}

function startHeartbeat({ router, outbox, clock }: Parts) {
  let heardAtMs = Number.NEGATIVE_INFINITY;
  router.add(heartbeatChannel, () => {
    heardAtMs = clock.monotonicMs();
  });
  // One that cannot be sent is one that is not heard: its age tells.
  const beat = () => void outbox.add({ channel: heartbeatChannel, json: "0" }).catch(() => undefined);
  beat();
  const timer = setInterval(beat, heartbeatMs);
  return { ageMs: () => clock.monotonicMs() - heardAtMs, stop: () => clearInterval(timer) };
}

function createPing({ router, outbox, clock }: Parts): () => Promise<number> {
  const pending = new Map<unknown, () => void>();
  router.add(pingChannel, (id) => pending.get(id)?.());
  return async () => {
    const startedMs = clock.monotonicMs();
    const id = crypto.randomUUID();
    const heard = new Promise<void>((resolve) => pending.set(id, resolve));
    try {
      await outbox.add({ channel: pingChannel, json: JSON.stringify(id) });
      await withTimeout(heard, pingTimeoutMs, "not heard");
      return clock.monotonicMs() - startedMs;
    } catch (cause) {
      throw unavailable("The bus does not hear what it publishes", cause);
    } finally {
      pending.delete(id);
    }
  };
}

function callAll(listeners: Iterable<() => void>, logger: Logger): void {
  for (const listener of listeners) {
    try {
      listener();
    } catch (error) {
      logger.error("a listener of the bus's reconnects threw", { error });
    }
  }
}

function checked(channel: string): string {
  if (!/^[A-Za-z0-9:_.-]{1,64}$/.test(channel)) throw new RangeError(`"${channel}" cannot be a channel`);
  return channel;
}

function encode(payload: unknown): string {
  const json = JSON.stringify(payload);
  if (json === undefined) throw internal("A message of the bus must be JSON");
  const bytes = Buffer.byteLength(json);
  if (bytes > maxMessageBytes) throw payloadTooLarge(`A message of ${bytes} bytes is over ${maxMessageBytes}`);
  return json;
}
