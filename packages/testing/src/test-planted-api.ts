import { setTimeout as wait } from "node:timers/promises";
import { readApiConfig, startApi } from "@echo/api";
import { type Core, createCore } from "@echo/core";
import { logChannel } from "@echo/core/event-log";
import { createDb, type Db, type Statement } from "@echo/db";
import { reportReady } from "@echo/platform";

/** An API with a fault, for tests of drills: it tells of what it appends to the log before that is committed. */
const commitsAfterMs = 50;
const config = readApiConfig(process.env);
let core: Core | null = null;

const db = createDb(config.core.database);
const append = async (statement: Statement<unknown>, values: readonly unknown[] | undefined): Promise<unknown[]> =>
  db.transaction(async (tx) => {
    const [row] = (await tx.query(statement, values)) as { from: number; to: number }[];
    if (core && row && row.to > row.from) {
      const { epoch } = await core.events.head();
      await core.bus.publish(logChannel, { v: 1, epoch, position: row.to });
      await wait(commitsAfterMs);
    }
    return [row];
  });
const wrapped = new Proxy(db, {
  get(target, name, receiver) {
    if (name !== "query") return Reflect.get(target, name, receiver);
    return (statement: Statement<unknown>, values?: readonly unknown[]) =>
      statement.name === "event_log_append" ? append(statement, values) : target.query(statement, values);
  },
}) satisfies Db;

core = await createCore(config.core, { db: wrapped });
const api = await startApi({ core, config: config.api });
reportReady({ port: Number(new URL(api.url).port), internalPort: Number(new URL(api.internalUrl).port) });
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
