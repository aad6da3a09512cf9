import { createCore, stopCore } from "@echo/core";
import { createLifecycle, reportReady, startProcess, stopOnSignals } from "@echo/platform";
import { readRealtimeConfig } from "./config.ts";
import { startRealtime } from "./start-realtime.ts";

await startProcess("realtime", async () => {
  const config = readRealtimeConfig(process.env);
  const core = await createCore(config.core);
  const { logger, clock } = core;
  const lifecycle = createLifecycle({ logger, clock });
  stopOnSignals({ lifecycle, logger });
  lifecycle.onStop("normal", "core", () => stopCore(core));

  const realtime = await startRealtime({ core, config: config.realtime });
  lifecycle.onStop("high", "hub", () => realtime.close());
  logger.info("ready", { url: realtime.url, internalUrl: realtime.internalUrl });
  reportReady({ port: Number(new URL(realtime.url).port), internalPort: Number(new URL(realtime.internalUrl).port) });
});
