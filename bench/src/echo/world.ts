import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Core, stopCore } from "@echo/core";
import { type EmbeddedPostgres, migrate, removeEmbedded, startEmbedded } from "@echo/db";
import { embeddedEnvironment } from "@echo/platform";
import type { Audience } from "../processes/live-server.ts";
import type { Probe } from "../processes/probe/main.ts";
import { type Child, type StartOptions, startChild } from "../processes/start-child.ts";
import type { BatchClock } from "./batch-clock/main.ts";
import { openCore } from "./bench-core.ts";
import { benchLimits } from "./limits.ts";
import { makeDatabase } from "./make-database.ts";
import type { Publisher } from "./publisher/main.ts";
import type { QueueProcess } from "./queue/main.ts";
import { type Scene, setScene } from "./scene.ts";
import { openServices, type Services } from "./services.ts";

const root = new URL("../../../", import.meta.url);
const mains = {
  api: new URL("apps/api/src/main.ts", root),
  realtime: new URL("apps/realtime/src/main.ts", root),
  publisher: new URL("publisher/main.ts", import.meta.url),
  queue: new URL("queue/main.ts", import.meta.url),
};

/** An Echo of the benchmark's own: an embedded PostgreSQL, and processes as `npm start` runs them. */
export interface World extends Pick<Services, "redisUrl" | "kafkaBrokers"> {
  databaseUrl: string;
  /** For setting the scene; never what is measured. */
  core: Core;
  /** People who sit in rooms of the same size, one conversation a room; the same ones for the same audience. */
  audience(audience: Audience): Promise<Scene>;
  /** A core on an empty database beside; the caller stops it. */
  openBeside(): Promise<{ core: Core; databaseUrl: string }>;
  /** The processes' own mains, on free ports. `extra` is on top of their environment. */
  startApi(extra?: Extra): Promise<Child<Probe>>;
  startRealtime(extra?: Extra): Promise<Child<Probe & BatchClock>>;
  startPublisher(extra?: Extra): Promise<Child<Publisher>>;
  startQueue(extra?: Extra): Promise<Child<QueueProcess>>;
  close(): Promise<void>;
}

type Extra = Pick<StartOptions, "environment" | "nodeArgs">;

/** @param profileFolder where the processes leave a profile of their CPU (--cpu-prof) when they end */
export async function openWorld(profileFolder?: string): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), "echo-bench-"));
  const embedded = await startEmbedded({ home });
  try {
    await migrate({ url: embedded.url });
    const environment = environmentOf(embedded);
    const core = await openCore(environment);
    const profile = profileFolder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileFolder}`];
    return worldOf({ embedded, environment, core, home, profile });
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

const environmentOf = ({ url }: EmbeddedPostgres): Record<string, string> => ({
  ...embeddedEnvironment,
  DATABASE_URL: url,
  ECHO_SECRET: randomBytes(32).toString("base64url"),
  ECHO_LIMITS: JSON.stringify(benchLimits),
  LOG_LEVEL: "warn",
  API_PORT: "0",
  API_INTERNAL_PORT: "0",
  REALTIME_PORT: "0",
  REALTIME_INTERNAL_PORT: "0",
});

interface Parts {
  embedded: EmbeddedPostgres;
  environment: Record<string, string>;
  core: Core;
  home: string;
  profile: readonly string[];
}

function worldOf({ embedded, environment, core, home, profile }: Parts): World {
  const scenes = new Map<string, Promise<Scene>>();
  const services = openServices(home);
  // A signal and the end of the run may both ask for it.
  let closing: Promise<void> | null = null;
  async function close(): Promise<void> {
    await services.stop();
    await stopCore(core);
    await embedded.stop();
    await removeEmbedded({ home });
    await rm(home, { recursive: true, force: true });
  }
  const start = (main: URL, { environment: more, nodeArgs = [] }: Extra = {}) =>
    startChild<never>(main, {
      environment: { ...environment, ...more },
      nodeArgs: [...profile, ...nodeArgs],
      ...(profile.length > 0 ? { stopWithinMs: 20_000 } : {}),
    });
  return {
    databaseUrl: embedded.url,
    core,
    audience(audience) {
      const key = `${audience.sockets}/${audience.rooms}`;
      const scene = scenes.get(key) ?? setScene(core, audience);
      scenes.set(key, scene);
      return scene;
    },
    async openBeside() {
      const databaseUrl = await makeDatabase(embedded);
      return { core: await openCore({ ...environment, DATABASE_URL: databaseUrl }), databaseUrl };
    },
    redisUrl: services.redisUrl,
    kafkaBrokers: services.kafkaBrokers,
    startApi: (extra) => start(mains.api, extra),
    startRealtime: (extra) => start(mains.realtime, extra),
    startPublisher: (extra) => start(mains.publisher, extra),
    startQueue: (extra) => start(mains.queue, extra),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
