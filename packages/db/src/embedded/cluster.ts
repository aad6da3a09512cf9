import { existsSync } from "node:fs";
import type { Log } from "../log.ts";
import { adminRole, type Credentials, makeCredentials, readCredentials, urlOf } from "./credentials.ts";
import { initialize, requireSameMajor } from "./initialize.ts";
import { findPlacement, type Placement } from "./placement.ts";
import { freePort, rememberedPort } from "./port.ts";
import { endPostmaster, findPostmaster, isPostmaster, type Postmaster } from "./postmaster.ts";
import { resetAdminPassword } from "./provision.ts";
import { answer, answerSoon, PortInUse, startServer } from "./server.ts";

/** A data folder with what opens it. */
export interface Cluster {
  placement: Placement;
  credentials: Credentials;
  durable: boolean;
  adminUrl(port: number): string;
}

/** The cluster of ECHO_HOME, made when it is missing. */
export async function openCluster(home: string, durable: boolean): Promise<Cluster> {
  const placement = await findPlacement(home);
  const credentials = (await readCredentials(placement.ownDir)) ?? (await makeCredentials(placement.ownDir));
  if (!existsSync(placement.dataDir)) await initialize(placement, credentials, durable);
  await requireSameMajor(placement);
  return {
    placement,
    credentials,
    durable,
    adminUrl: (port) => urlOf({ role: adminRole, password: credentials.adminPassword, port, database: "postgres" }),
  };
}

interface AdoptOptions {
  /** 0: any. */
  wanted: number;
  log: Log;
}

/** A living server of this folder that answers, on the wanted port; one that does not is ended. */
export async function adoptServer(cluster: Cluster, { wanted, log }: AdoptOptions): Promise<Postmaster | undefined> {
  const { dataDir } = cluster.placement;
  const running = await findPostmaster(dataDir);
  if (!running) return undefined;
  const fits = wanted === 0 || wanted === running.port;
  const lives = () => isPostmaster(running.pid, dataDir);
  if (fits && (await answerSoon(cluster.adminUrl(running.port), lives)) === "yes") {
    log("info", "found the embedded PostgreSQL running", { ...running });
    return running;
  }
  log("warn", "ending a PostgreSQL of this folder that does not serve", { ...running });
  await endPostmaster(dataDir);
  return undefined;
}

/** Starts a stopped cluster; one whose password file was lost gets the new password. */
export async function startCluster(cluster: Cluster, wanted: number): Promise<Postmaster> {
  const running = await startOnPort(cluster, wanted);
  if ((await answer(cluster.adminUrl(running.port))) !== "wrong password") return running;
  await endPostmaster(cluster.placement.dataDir);
  await resetAdminPassword(cluster.placement, cluster.credentials);
  return await startOnPort(cluster, running.port);
}

async function startOnPort({ placement, durable }: Cluster, wanted: number): Promise<Postmaster> {
  const remembered = await rememberedPort(placement.ownDir);
  for (let attempt = 1; ; attempt++) {
    const port = wanted || (await freePort(attempt === 1 ? remembered : 0));
    try {
      return await startServer({ placement, port, durable });
    } catch (error) {
      // Somebody took the free port in between.
      if (wanted || attempt === 3 || !(error instanceof PortInUse)) throw error;
    }
  }
}
