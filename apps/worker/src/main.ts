import { createCore, stopCore } from "@echo/core";
import { createLifecycle, reportReady, startProcess, stopOnSignals } from "@echo/platform";
import { readWorkerConfig } from "./config.ts";
import { startWorker } from "./start-worker.ts";

await startProcess("worker", async () => {
  const config = readWorkerConfig(process.env);
  const core = await createCore(config.core);
  const { logger, clock } = core;
  const lifecycle = createLifecycle({ logger, clock });
  stopOnSignals({ lifecycle, logger });
  lifecycle.onStop("normal", "core", () => stopCore(core));

  const worker = await startWorker({ core, config: config.worker, kafka: config.core.kafka });
  lifecycle.onStop("high", "consumers", () => worker.close());
  logger.info("ready", { internalUrl: worker.internalUrl });
  const port = Number(new URL(worker.internalUrl).port);
  reportReady({ port, internalPort: port });
});
