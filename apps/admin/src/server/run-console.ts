import { createLifecycle, createLogger, reportReady, startProcess, stopOnSignals, systemClock } from "@echo/platform";
import { findBuild } from "../build/current-build.ts";
import { distDirVariable } from "../build/paths.ts";
import { readConsoleConfig } from "./config.ts";
import { environmentOfPages } from "./environment-of-pages.ts";
import { routeConsole } from "./route-console.ts";
import { startConsole } from "./server.ts";

interface RunOptions {
  /** The process's own: what Next and the pages read is put into it. */
  env: NodeJS.ProcessEnv;
  /** From the sources, for developers, instead of the build. */
  isDev: boolean;
}

/** What the mains of the console call. */
export function runConsole({ env, isDev }: RunOptions): Promise<void> {
  return startProcess("admin", async () => {
    const config = readConsoleConfig(env);
    const logger = createLogger({ service: "admin", level: config.logLevel });
    const lifecycle = createLifecycle({ logger, clock: systemClock });
    stopOnSignals({ lifecycle, logger });
    const ofNext = isDev ? { NODE_ENV: "development" } : { [distDirVariable]: await findBuild() };
    Object.assign(env, environmentOfPages(config), ofNext);
    if (!isDev) routeConsole(logger);

    const console = await startConsole({ config, logger, clock: systemClock, isDev });
    lifecycle.onStop("high", "http server", () => console.close());
    logger.info("ready", { url: `http://${config.host}:${console.port}` });
    reportReady({ port: console.port, internalPort: 0 });
  });
}
