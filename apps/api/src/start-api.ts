import type { AddressInfo } from "node:net";
import { createCoreHealth } from "@echo/core";
import { watchHubNodes } from "@echo/core/admin";
import type { Health } from "@echo/platform";
import type { FastifyInstance } from "fastify";
import { createServer } from "./create-server.ts";
import { serveHealth } from "./http/health-routes.ts";
import { serveKeys } from "./http/key-routes.ts";
import { serveTrpc } from "./http/trpc-routes.ts";
import { installPipeline } from "./pipeline/index.ts";
import type { Deps } from "./pipeline/step.ts";

/** An API that answers. */
export interface RunningApi {
  url: string;
  internalUrl: string;
  /** Takes no new connection, ends calls that wait for news, lets the others finish. */
  close(): Promise<void>;
}

async function createPublicServer(deps: Deps, health: Health): Promise<FastifyInstance> {
  const app = createServer(deps);
  await installPipeline(app, deps);
  const calls = serveTrpc(app, deps);
  serveKeys(app, deps);
  serveHealth(app, health, deps);
  app.addHook("preClose", async () => calls.abort());
  return app;
}

async function createInternalServer(deps: Deps, health: Health): Promise<FastifyInstance> {
  const app = createServer(deps);
  await installPipeline(app, deps);
  serveHealth(app, health, deps);
  return app;
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  await app.listen({ host, port });
  const { address, family, port: taken } = app.server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
}

/** Opens the public and the internal port. @throws when one of them is taken */
export async function startApi({ core, config }: Pick<Deps, "core" | "config">): Promise<RunningApi> {
  const health = createCoreHealth(core, { service: "api", version: config.version });
  const publicServer = await createPublicServer({ core, config, isInternal: false }, health);
  const internalServer = await createInternalServer({ core, config, isInternal: true }, health);
  const stopWatching = await watchHubNodes(core);
  const close = async () => {
    health.drain();
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
