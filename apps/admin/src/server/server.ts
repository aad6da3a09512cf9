import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { type Clock, createHealth, type Health, type Logger, refusalHeaders } from "@echo/platform";
import next from "next";
import { refuseRaw } from "./answers.ts";
import type { ConsoleConfig } from "./config.ts";
import { createDoor } from "./door.ts";
import { closeServer, listen } from "./listen.ts";

const checkEveryMs = 1_000;
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
  const { headersMs, requestMs } = config.timeouts;
  const server = createServer(
    {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      // By default Node looks every 30 s only.
      connectionsCheckingInterval: checkEveryMs,
      // Node would refuse it without a word; the Host check says why.
      requireHostHeader: false,
    },
    (req, res) => answer(req, res),
  );
  server.on("clientError", refuseRaw);
  const app = next({ dev: isDev, dir: root, quiet: true, httpServer: isDev ? server : withoutUpgrades() });
  let answer = (_req: IncomingMessage, res: ServerResponse): void => {
    res.writeHead(503, { ...refusalHeaders, "retry-after": "1" }).end();
  };
  await app.prepare();
  const health = createConsoleHealth(options);
  answer = createDoor({ ...options, health, page: app.getRequestHandler() });
  const port = await listen(server, config.host, config.port);
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
