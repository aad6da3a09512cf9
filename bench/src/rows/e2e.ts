import { mintTokens } from "../echo/people.ts";
import type { World } from "../echo/world.ts";
import { p50Figure, p99Figure } from "../harness/bars.ts";
import type { Arena, Contestant, Row } from "../harness/row.ts";
import { quantile } from "../harness/statistics.ts";
import type { HttpTarget } from "../load/http/main.ts";
import { startHttpLoad, startSocketLoad } from "../load/start-load.ts";
import type { Seat, WireName } from "../load/wires.ts";
import { sampleEvent } from "../peers/sample-event.ts";
import { startChild } from "../processes/start-child.ts";

const pairs = 50;
const perSecond = 500;
const arriveWithinMs = 60_000;
const peerName = "Fastify + NOTIFY + raw ws";

export const e2e: Row = {
  name: "e2e",
  measures:
    "from the moment when a message is due at its sender (500 a second, 50 conversations of two) to the other one's socket, through POST /trpc and the WebSocket; against a Fastify route, one prepared insert, NOTIFY and a raw ws broadcast in two processes",
  stages: ({ isQuick }) => [{ label: `${perSecond} messages a second`, open: (world) => open(world, isQuick ? 2 : 6) }],
};

interface Side {
  name: string;
  wire: WireName;
  port: number;
  targets: HttpTarget[];
  seats: Seat[];
  stop(): Promise<void>;
}

async function open(world: World, seconds: number): Promise<Arena> {
  const seated: { contestant: Contestant; close(): Promise<void> }[] = [];
  for (const side of [await startEcho(world), await startPeer(world)]) seated.push(await seat(side, seconds));
  return {
    contestants: seated.map(({ contestant }) => contestant),
    async close() {
      for (const { close } of seated) await close();
    },
  };
}

async function startEcho(world: World): Promise<Side> {
  const { people, speakers } = await world.audience({ sockets: 2 * pairs, rooms: pairs });
  const [api, realtime] = [await world.startApi(), await world.startRealtime()];
  const tokens = await mintTokens(world.core, speakers);
  const listeners = await mintTokens(world.core, people.slice(pairs));
  return {
    name: "Echo",
    wire: "echo",
    port: realtime.port,
    targets: speakers.map(({ conversationId }, index) => ({
      port: api.port,
      path: "/trpc/messages.send",
      headers: [`Authorization: Bearer ${tokens[index]}`],
      message: { conversationId, type: "text" },
    })),
    seats: listeners.map((token) => ({ token })),
    async stop() {
      await api.stop();
      await realtime.stop();
    },
  };
}

async function startPeer({ databaseUrl }: World): Promise<Side> {
  const route = await startChild<never>(new URL("../peers/fastify-pg/main.ts", import.meta.url), {
    config: { databaseUrl },
  });
  const hub = await startChild<never>(new URL("../peers/raw-ws/main.ts", import.meta.url), {
    config: { databaseUrl, listen: "bench" },
  });
  const rooms = Array.from({ length: pairs }, (_, room) => room);
  return {
    name: peerName,
    wire: "raw",
    port: hub.port,
    targets: rooms.map((room) => ({
      port: route.port,
      path: "/publish",
      headers: [],
      message: { ...sampleEvent(0).data, room },
    })),
    seats: rooms.map((room) => ({ room })),
    async stop() {
      await route.stop();
      await hub.stop();
    },
  };
}

async function seat({ name, wire, port, targets, seats, stop }: Side, seconds: number) {
  const http = await startHttpLoad();
  const sockets = await startSocketLoad();
  await sockets.ask("open", { wire, ports: [port], seats, concurrency: 50, sampleEvery: 1 });
  const round = async (total: number) => {
    await sockets.ask("reset", null);
    await http.ask("send", { targets, perSecond, total });
    await sockets.ask("until", { events: total, withinMs: arriveWithinMs });
    const ms = (await sockets.ask("arrivals", null)).map(({ sentNs, cameNs }) => (cameNs - sentNs) / 1e6);
    return { [p50Figure]: quantile(ms, 0.5), [p99Figure]: quantile(ms, 0.99) };
  };
  await round(perSecond);
  return {
    contestant: { name, round: () => round(seconds * perSecond) },
    async close() {
      await http.stop();
      await sockets.stop();
      await stop();
    },
  };
}
