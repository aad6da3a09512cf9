import { createServer, type Server } from "node:http";
import { refuseRaw } from "./answers.ts";
import type { ConsoleConfig } from "./config.ts";

const checkEveryMs = 1_000;

/** A server that hangs up on whoever takes too long, and says so. */
export function createHttpServer({ headersMs, requestMs }: ConsoleConfig["timeouts"]): Server {
  const options = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // By default Node looks every 30 s only.
    connectionsCheckingInterval: checkEveryMs,
    // Node would refuse it without a word; the Host check says why.
    requireHostHeader: false,
  };
  return createServer(options).on("clientError", refuseRaw);
}

/** Takes no new connection, lets requests finish, hangs up on connections that wait for nothing. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}
