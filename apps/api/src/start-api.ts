import type { AddressInfo } from "node:net";
import { createCoreHealth } from "@echo/core";
import { watchHubNodes } from "@echo/core/admin";
import { addressOf, type Health } from "@echo/platform";
import type { FastifyInstance } from "fastify";
import { createServer, type ServerDeps } from "./create-server.ts";
import { untilUnused } from "./http/drain.ts";
import { serveHealth } from "./http/health-routes.ts";
import { serveKeys } from "./http/key-routes.ts";
import { serveTrpc } from "./http/trpc-routes.ts";
import { installPipeline } from "./pipeline/index.ts";
import type { Deps } from "./pipeline/step.ts";

/** An API that answers. */
export interface RunningApi {
  url: string;
  internalUrl: string;
  /**
   * Is unhealthy at once and tells each connection to close with its next answer; after `drainMs`, or when none is left, takes
   * no new ones and lets the calls in flight finish. Calls that wait for news are ended.
   */
  close(): Promise<void>;
}

async function createPublicServer(deps: ServerDeps, health: Health): Promise<FastifyInstance> {
  const app = createServer(deps);
  await installPipeline(app, deps);
  const calls = serveTrpc(app, deps);
  serveKeys(app, deps);
  serveHealth(app, health, deps);
  deps.stopping.addEventListener("abort", () => calls.abort());
  app.addHook("preClose", async () => calls.abort());
  return app;
}

async function createInternalServer(deps: ServerDeps, health: Health): Promise<FastifyInstance> {
  const app = createServer(deps);
  await installPipeline(app, deps);
  serveHealth(app, health, deps);
  return app;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  await app.listen({ host, port });
  return `http://${addressOf(app.server.address() as AddressInfo)}`;
}

/** Opens the public and the internal port. @throws when one of them is taken */
export async function startApi({ core, config }: Pick<Deps, "core" | "config">): Promise<RunningApi> {
  const health = createCoreHealth(core, { service: "api", version: config.version });
  const stopping = new AbortController();
  const deps = { core, config, stopping: stopping.signal };
  const publicServer = await createPublicServer({ ...deps, isInternal: false }, health);
  const internalServer = await createInternalServer({ ...deps, isInternal: true }, health);
  const stopWatching = await watchHubNodes(core);
  const close = async () => {
    health.drain();
    stopping.abort();
    await untilUnused(publicServer.server, config.drainMs);
    await publicServer.close();
    await internalServer.close();
    await stopWatching();
  };
  try {
    const internalUrl = await listen(internalServer, config.internalHost, config.internalPort);
    return { internalUrl, url: await listen(publicServer, config.host, config.port), close };
  } catch (error) {
    await close();
    throw error;
  }
}
