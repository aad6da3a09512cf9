import type { LiveServer } from "../processes/live-server.ts";
import { type Child, startChild } from "../processes/start-child.ts";
import type { HttpLoad } from "./http/main.ts";
import type { ReturningLoad } from "./returning/main.ts";
import type { SocketLoad } from "./sockets/main.ts";

export const startSocketLoad = (): Promise<Child<SocketLoad>> =>
  startChild<SocketLoad>(new URL("sockets/main.ts", import.meta.url));

/** A process of clients that sit at this server. */
export async function seatClients(server: LiveServer, sampleEvery: number): Promise<Child<SocketLoad>> {
  const load = await startSocketLoad();
  const seats = await server.seats();
  await load.ask("open", { wire: server.wire, ports: server.ports, seats, concurrency: 100, sampleEvery });
  return load;
}

export const startHttpLoad = (): Promise<Child<HttpLoad>> =>
  startChild<HttpLoad>(new URL("http/main.ts", import.meta.url));

export const startReturningLoad = (): Promise<Child<ReturningLoad>> =>
  startChild<ReturningLoad>(new URL("returning/main.ts", import.meta.url));
