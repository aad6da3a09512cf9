import { createCore, stopCore } from "@echo/core";
import { createLifecycle, reportReady, startProcess, stopOnSignals } from "@echo/platform";
import { readApiConfig } from "./config.ts";
import { startApi } from "./start-api.ts";

await startProcess("api", async () => {
  const config = readApiConfig(process.env);
  const core = await createCore(config.core);
  const { logger, clock } = core;
  const lifecycle = createLifecycle({ logger, clock });
  stopOnSignals({ lifecycle, logger });
  lifecycle.onStop("normal", "core", () => stopCore(core));

  const api = await startApi({ core, config: config.api });
  lifecycle.onStop("high", "http server", () => api.close());
  logger.info("ready", { url: api.url, internalUrl: api.internalUrl });
  reportReady({ port: Number(new URL(api.url).port), internalPort: Number(new URL(api.internalUrl).port) });
});
