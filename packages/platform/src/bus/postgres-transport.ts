import { type Db, statement } from "@echo/db";
import { unavailable } from "../errors.ts";
import { toPackets } from "./packet.ts";
import type { OpenTransport } from "./transport.ts";

/** One channel of the server for all of ours: it knows few, and every process hears them anyway. */
const pgChannel = "echo_bus";

const notify = statement<{ sent: number }>(
  "bus_notify",
  "SELECT count(pg_notify($1, packet)) AS sent FROM unnest($2::text[]) AS packet",
);

/**
 * LISTEN and NOTIFY: the messages of one tick travel in one statement, packed, and are routed within each process.
 * @throws EchoError UNAVAILABLE when the database cannot be listened to
 */
export function postgresTransport(db: Db): OpenTransport {
  return async ({ publisher, onPacket, onReconnect }) => {
    const listener = await openListener(db, { onNotification: ({ payload }) => onPacket(payload), onReconnect });
    let marks = 0;
    const mark = () => (marks += 1);
    return {
      driver: { name: "postgres", isShared: true },
      async send(messages) {
        await db.query(notify, [pgChannel, toPackets(messages, { publisher, mark })]);
      },
      follow: async () => undefined,
      unfollow: () => undefined,
      /** It probes its connection by itself. */
      revive: () => undefined,
      close: () => listener.close(),
    };
  };
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
