import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
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

/** Resolves with the port that was taken. @throws when the port or the address can't be had */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Takes no new connection, lets requests finish, hangs up on connections that wait for nothing. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await closed;
}
