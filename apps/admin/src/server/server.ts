import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import { type Clock, createHealth, type Health, type Logger, listen } from "@echo/platform";
import next from "next";
import type { ConsoleConfig } from "./config.ts";
import { createDoor } from "./door.ts";
import { closeServer, createHttpServer } from "./http-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A console that answers. */
export interface RunningConsole {
  port: number;
  /** Takes no new connection and lets the requests finish. */
  close(): Promise<void>;
}

export interface ConsoleOptions {
  config: ConsoleConfig;
  logger: Logger;
  clock: Clock;
  /** Compiles pages as they are asked for, and sends changes to the browser. */
  isDev: boolean;
}

/** Serves the pages and passes calls on. @throws when the port is taken */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const { config, isDev } = options;
  const server = createHttpServer(config.timeouts);
  const app = next({ dev: isDev, dir: root, quiet: true, httpServer: isDev ? server : withoutUpgrades() });
  await app.prepare();
  const health = createConsoleHealth(options);
  server.on("request", createDoor({ ...options, health, page: app.getRequestHandler() }));
  const { port } = await listen(server, config.host, config.port);
  return {
    port,
    async close() {
      health.drain();
      await closeServer(server);
      await app.close();
    },
  };
}

/** Next takes upgrades past every check of ours; in production there is nothing that it would upgrade to. */
const withoutUpgrades = (): Server => createServer();

/** Without the API pages are still served, and say so themselves. */
function createConsoleHealth({ config, clock }: ConsoleOptions): Health {
  const probe = async (): Promise<void> => {
    const { ok, status } = await fetch(`${config.apiUrl}/health`);
    if (!ok) throw new Error(`the API answers ${status}`);
  };
  const checks = { api: { probe, isVital: false } };
  return createHealth({ service: "admin", version: config.version, clock, checks });
}
