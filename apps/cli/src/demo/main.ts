import { createLifecycle, createLogger, reportReady, startProcess, stopOnSignals, systemClock } from "@echo/platform";
import { findOrMakeCast } from "./cast.ts";
import { readDemoConfig } from "./config.ts";
import { servePage } from "./serve-page.ts";

await startProcess("demo", async () => {
  const config = readDemoConfig(process.env);
  const logger = createLogger({ service: "demo" });
  const lifecycle = createLifecycle({ logger, clock: systemClock });
  stopOnSignals({ lifecycle, logger });

  const cast = await findOrMakeCast(config);
  const page = await servePage({ config, cast, isDev: process.argv.includes("--dev") });
  lifecycle.onStop("high", "page", () => page.close());
  logger.info("ready", { url: `http://${config.host}:${page.port}` });
  reportReady({ port: page.port, internalPort: 0 });
});
