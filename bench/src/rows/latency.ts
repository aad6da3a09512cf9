import { startLiveEcho } from "../echo/live-echo.ts";
import type { World } from "../echo/world.ts";
import { p50Figure, p99Figure } from "../harness/bars.ts";
import type { Arena, Contestant, Figures, Row } from "../harness/row.ts";
import { quantile } from "../harness/statistics.ts";
import type { Arrival } from "../load/crowd.ts";
import { seatClients } from "../load/start-load.ts";
import { startLivePeer } from "../peers/live-peers.ts";
import type { LiveServer } from "../processes/live-server.ts";

const audience = { sockets: 1_000, rooms: 50 };
const eventsPerSecond = 100;
const clock = ["--import", new URL("../echo/batch-clock/main.ts", import.meta.url).href];
const arriveWithinMs = 30_000;

export const latency: Row = {
  name: "latency",
  measures:
    "2,000 deliveries a second in 50 rooms of 20, until the client's process reads the frame: Echo from the moment when its realtime process has read the batch's bodies (noted by a hook on pg), raw ws from its publish call",
  stages: ({ isQuick, redis }) => [
    { label: "one node", open: (world) => open(world, isQuick ? 1 : 5) },
    ...(redis
      ? [{ label: "two nodes on Redis", isReportOnly: true, open: (world: World) => openRedis(world, isQuick ? 1 : 5) }]
      : []),
  ],
};

async function open(world: World, seconds: number): Promise<Arena> {
  const echo = await startLiveEcho(world, { audience, nodes: 1, nodeArgs: clock });
  return arenaOf([echo, await startLivePeer("raw ws", audience)], seconds);
}

async function openRedis(world: World, seconds: number): Promise<Arena> {
  const redisUrl = await world.redisUrl();
  return arenaOf([await startLiveEcho(world, { audience, nodes: 2, nodeArgs: clock, redisUrl })], seconds);
}

async function arenaOf(servers: readonly LiveServer[], seconds: number): Promise<Arena> {
  const seated: { contestant: Contestant; close(): Promise<void> }[] = [];
  for (const server of servers) seated.push(await seat(server, seconds));
  return {
    contestants: seated.map(({ contestant }) => contestant),
    async close() {
      for (const { close } of seated) await close();
    },
  };
}

async function seat(server: LiveServer, seconds: number) {
  const load = await seatClients(server, 1);
  const round = async (ticks: number): Promise<Figures> => {
    await load.ask("reset", null);
    await server.publish({ ticks, ticksPerSecond: eventsPerSecond, eventsPerTick: 1 });
    await load.ask("until", { events: (ticks * audience.sockets) / audience.rooms, withinMs: arriveWithinMs });
    return figuresOf(await load.ask("arrivals", null), await server.readTimes());
  };
  await round(eventsPerSecond);
  return {
    contestant: { name: server.name, round: () => round(seconds * eventsPerSecond) },
    async close() {
      await load.stop();
      await server.stop();
    },
  };
}

/** From the read where one was noted, and for those the whole way from the sender's call too. */
function figuresOf(arrivals: readonly Arrival[], readTimes: ReadonlyMap<number, number>): Figures {
  const ms = (fromNs: (arrival: Arrival) => number) => arrivals.map((each) => (each.cameNs - fromNs(each)) / 1e6);
  const fromRead = ms(({ sentNs }) => readTimes.get(sentNs) ?? sentNs);
  const figures = { [p50Figure]: quantile(fromRead, 0.5), [p99Figure]: quantile(fromRead, 0.99) };
  if (readTimes.size === 0) return figures;
  const fromSend = ms(({ sentNs }) => sentNs);
  return { ...figures, "p50 ms from send": quantile(fromSend, 0.5), "p99 ms from send": quantile(fromSend, 0.99) };
}
