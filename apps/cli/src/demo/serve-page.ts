import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { securityHeaders } from "@echo/platform";
import { build, type Connect, createServer, type InlineConfig, type Plugin, preview } from "vite";
import type { Cast } from "./cast.ts";
import type { DemoConfig } from "./config.ts";

const root = dirname(fileURLToPath(import.meta.resolve("@echo/example-chat/package.json")));

export interface ServedPage {
  port: number;
  close(): Promise<void>;
}

interface PageOptions {
  config: DemoConfig;
  cast: Cast;
  /** Serves the sources, and changes as they change. */
  isDev: boolean;
}

/** Builds the example's page and serves it, with what it must know at /demo.json. */
export async function servePage({ config, cast, isDev }: PageOptions): Promise<ServedPage> {
  const { host, port, apiUrl, realtimeUrl } = config;
  const outDir = join(config.home, "demo");
  const door = { host, port, strictPort: true };
  const shared: InlineConfig = {
    root,
    logLevel: "warn",
    // Nothing is written into the tree, which may not be ours to write.
    configLoader: "runner",
    cacheDir: join(config.home, "demo-cache"),
    build: { outDir, emptyOutDir: true },
    plugins: [answerFacts({ apiUrl, realtimeUrl, ...cast })],
  };
  if (isDev) {
    const server = await createServer({ ...shared, server: door });
    await server.listen();
    return { port: portOf(server.httpServer?.address()), close: () => server.close() };
  }
  await build(shared);
  const server = await preview({ ...shared, preview: { ...door, headers: headersFor(config) } });
  return { port: portOf(server.httpServer.address()), close: () => server.close() };
}

/** Only this page reads it: no other origin is told that it may. */
function answerFacts(facts: object): Plugin {
  const answer: Connect.NextHandleFunction = (_request, response) => {
    response.setHeader("content-type", "application/json");
    response.setHeader("cache-control", "no-store");
    response.end(JSON.stringify(facts));
  };
  return {
    name: "echo-demo-facts",
    configureServer: ({ middlewares }) => void middlewares.use("/demo.json", answer),
    configurePreviewServer: ({ middlewares }) => void middlewares.use("/demo.json", answer),
  };
}

const headersFor = ({ apiUrl, realtimeUrl }: DemoConfig): Record<string, string> => ({
  ...securityHeaders,
  "content-security-policy": `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ${apiUrl} ${realtimeUrl}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
});

const portOf = (address: AddressInfo | string | null | undefined): number =>
  typeof address === "object" && address ? address.port : 0;
