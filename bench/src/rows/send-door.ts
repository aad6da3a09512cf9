import { mintTokens } from "../echo/people.ts";
import type { World } from "../echo/world.ts";
import type { Row } from "../harness/row.ts";
import { startChild } from "../processes/start-child.ts";
import { openHttpArena } from "./http-row.ts";

const connections = 16;

export const sendDoor: Row = {
  name: "send-door",
  measures:
    "answers a second over 16 connections: POST /trpc/messages.send with a token, against a bare Fastify route that runs the same statement",
  stages: ({ isQuick }) => [
    { label: `${connections} connections`, open: (world) => open(world, isQuick ? 1_000 : 5_000) },
  ],
};

async function open(world: World, durationMs: number) {
  const { speakers } = await world.audience({ sockets: 2 * connections, rooms: connections });
  const tokens = await mintTokens(world.core, speakers);
  const api = await world.startApi();
  const peer = await startChild<never>(new URL("../peers/fastify-pg/main.ts", import.meta.url), {
    config: { databaseUrl: world.databaseUrl },
  });
  const echoTargets = speakers.map(({ conversationId }, index) => ({
    port: api.port,
    path: "/trpc/messages.send",
    headers: [`Authorization: Bearer ${tokens[index]}`],
    message: { conversationId, type: "text" },
  }));
  const peerTargets = speakers.map(({ conversationId, userId }) => ({
    port: peer.port,
    path: "/send",
    headers: [],
    message: { conversationId, userId },
  }));
  return openHttpArena(
    [
      { name: "Echo", pid: api.pid, targets: echoTargets, stop: api.stop },
      { name: "Fastify + pg", pid: peer.pid, targets: peerTargets, stop: peer.stop },
    ],
    durationMs,
  );
}
