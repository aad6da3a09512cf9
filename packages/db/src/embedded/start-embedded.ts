import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createDb } from "../create-db.ts";
import { forceNewEpoch } from "../epoch.ts";
import { type Log, silent } from "../log.ts";
import { restoredMark } from "./archive.ts";
import { adoptServer, openCluster, startCluster } from "./cluster.ts";
import { applicationRole, databaseName, urlOf } from "./credentials.ts";
import { rememberPort } from "./port.ts";
import { endPostmaster, isPostmaster } from "./postmaster.ts";
import { provision } from "./provision.ts";
import { answer, answerSoon } from "./server.ts";

export interface StartEmbeddedOptions {
  /** ECHO_HOME */
  home: string;
  /** 0 or absent: the last start's when it is free, else any free one. */
  port?: number;
  /** False in tests: nothing waits for the disk. Default true. */
  durable?: boolean;
  log?: Log;
}

export interface EmbeddedPostgres {
  /** Of the application's role, which owns its database and is no superuser. */
  url: string;
  /** Of the superuser, at database "postgres". */
  adminUrl: string;
  port: number;
  dataDir: string;
  readonly pid: number;
  /** True when the server was running already: its starter died, or still lives. */
  adopted: boolean;
  /** True while the process lives and answers. */
  isAlive(): Promise<boolean>;
  /** Starts the server again, on the same port, when it died; never after stop. True when it had to. @throws EmbeddedError */
  ensureRunning(): Promise<boolean>;
  /** Fast shutdown; done when the process is gone. */
  stop(): Promise<void>;
}

/**
 * PostgreSQL for one machine, its data under ECHO_HOME/postgres (as root below a closed folder: under /var/lib/echo).
 * It outlives a killed starter; the next start adopts it.
 * @throws EmbeddedError whose message is one sentence for people
 */
export async function startEmbedded(options: StartEmbeddedOptions): Promise<EmbeddedPostgres> {
  const { durable = true, log = silent, port: wanted = 0 } = options;
  const cluster = await openCluster(resolve(options.home), durable);
  const { dataDir, ownDir } = cluster.placement;
  const adopted = await adoptServer(cluster, { wanted, log });
  let running = adopted ?? (await startCluster(cluster, wanted));
  const { port } = running;
  await rememberPort(ownDir, port);
  const adminUrl = cluster.adminUrl(port);
  await provision(adminUrl, cluster.credentials);
  const { password } = cluster.credentials;
  const url = urlOf({ role: applicationRole, password, port, database: databaseName });
  await finishRestore(dataDir, url);
  const lives = () => isPostmaster(running.pid, dataDir);
  let isStopped = false;
  const mend = async (): Promise<boolean> => {
    // A machine under load may be slow to answer: only a long silence ends a living server.
    if (isStopped || (await answerSoon(adminUrl, lives)) === "yes") return false;
    await endPostmaster(dataDir);
    running = await startCluster(cluster, port);
    log("warn", "the embedded PostgreSQL had died and was started again", { pid: running.pid });
    return true;
  };
  let mending: Promise<boolean> | undefined;
  return {
    url,
    adminUrl,
    port,
    dataDir,
    get pid() {
      return running.pid;
    },
    adopted: adopted !== undefined,
    isAlive: async () => (await lives()) && (await answer(adminUrl)) === "yes",
    ensureRunning() {
      mending ??= mend().finally(() => {
        mending = undefined;
      });
      return mending;
    },
    async stop() {
      isStopped = true;
      await mending?.catch(() => undefined);
      await endPostmaster(dataDir);
    },
  };
}

/** The first start after a restore begins the new epoch, before anybody reads the log; killed half-way, the next start does. */
async function finishRestore(dataDir: string, url: string): Promise<void> {
  const mark = join(dataDir, restoredMark);
  if (!existsSync(mark)) return;
  const db = createDb({ url, poolMax: 1, applicationName: "echo-restore" });
  try {
    await forceNewEpoch(db);
  } finally {
    await db.close();
  }
  await rm(mark, { force: true });
}
