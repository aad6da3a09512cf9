import { mintTokens } from "../echo/people.ts";
import type { World } from "../echo/world.ts";
import type { Row } from "../harness/row.ts";
import { startChild } from "../processes/start-child.ts";
import { openHttpArena } from "./http-row.ts";

const connections = 16;

export const me: Row = {
  name: "me",
  measures:
    "answers a second over 16 connections: GET /trpc/auth.me with a token, against a tRPC query that does nothing on the same server",
  stages: ({ isQuick }) => [
    { label: `${connections} connections`, open: (world) => open(world, isQuick ? 1_000 : 4_000) },
  ],
};

async function open(world: World, durationMs: number) {
  const { people } = await world.audience({ sockets: connections, rooms: 1 });
  const tokens = await mintTokens(world.core, people);
  const api = await world.startApi();
  const peer = await startChild<never>(new URL("../peers/bare-trpc/main.ts", import.meta.url));
  const common = { message: null, headers: [] };
  const echoTargets = tokens.map((token) => ({
    ...common,
    port: api.port,
    path: "/trpc/auth.me",
    headers: [`Authorization: Bearer ${token}`],
  }));
  const peerTargets = tokens.map(() => ({ ...common, port: peer.port, path: "/trpc/me" }));
  return openHttpArena(
    [
      { name: "Echo", pid: api.pid, targets: echoTargets, stop: api.stop },
      { name: "bare tRPC", pid: peer.pid, targets: peerTargets, stop: peer.stop },
    ],
    durationMs,
  );
}
