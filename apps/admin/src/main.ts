import { createLifecycle, createLogger, reportReady, startProcess, stopOnSignals, systemClock } from "@echo/platform";
import { findBuild } from "./build/current-build.ts";
import { distDirVariable } from "./build/paths.ts";
import { readConsoleConfig } from "./server/config.ts";
import { environmentOfPages } from "./server/environment-of-pages.ts";
import { routeConsole } from "./server/route-console.ts";
import { startConsole } from "./server/server.ts";

await startProcess("admin", async () => {
  const config = readConsoleConfig(process.env);
  const logger = createLogger({ service: "admin", level: config.logLevel });
  const lifecycle = createLifecycle({ logger, clock: systemClock });
  stopOnSignals({ lifecycle, logger });
  Object.assign(process.env, environmentOfPages(config), { [distDirVariable]: await findBuild() });
  routeConsole(logger);

  const console = await startConsole({ config, logger, clock: systemClock, isDev: false });
  lifecycle.onStop("high", "http server", () => console.close());
  logger.info("ready", { url: `http://${config.host}:${console.port}` });
  reportReady({ port: console.port, internalPort: 0 });
});
