import { startLiveEcho } from "../echo/live-echo.ts";
import { cpuFigure } from "../harness/bars.ts";
import type { Arena, Contestant, Stage } from "../harness/row.ts";
import { seatClients } from "../load/start-load.ts";
import { type LivePeer, startLivePeer } from "../peers/live-peers.ts";
import { cpuSeconds } from "../processes/cpu-clock.ts";
import type { LiveServer, Plan } from "../processes/live-server.ts";

export interface CpuStage {
  sockets: number;
  plan: Plan;
  peers: readonly LivePeer[];
}

const arriveWithinMs = 60_000;
/** Before the first round: until the code that delivers is compiled. */
const warmUpTicks = 40;

/** CPU of the processes that hold the sockets, per 100,000 deliveries of a fixed number of events. */
export function cpuStage({ sockets, plan, peers }: CpuStage): Stage {
  return {
    label: `${sockets.toLocaleString("en")} sockets`,
    sockets,
    open: async (world) => {
      const audience = { sockets, rooms: 1 };
      const servers = await Promise.all([
        startLiveEcho(world, { audience, nodes: 1 }),
        ...peers.map((peer) => startLivePeer(peer, audience)),
      ]);
      return arenaOf(servers, { sockets, plan });
    },
  };
}

/** Echo alone, on two nodes that Redis joins. */
export function redisCpuStage({ sockets, plan }: CpuStage): Stage {
  return {
    label: `${sockets.toLocaleString("en")} sockets, two nodes on Redis`,
    isReportOnly: true,
    open: async (world) => {
      const audience = { sockets, rooms: 1 };
      const server = await startLiveEcho(world, { audience, nodes: 2, redisUrl: await world.redisUrl() });
      return arenaOf([server], { sockets, plan });
    },
  };
}

async function arenaOf(servers: readonly LiveServer[], work: { sockets: number; plan: Plan }): Promise<Arena> {
  const seated = await Promise.all(servers.map((server) => seat(server, work)));
  return {
    contestants: seated.map(({ contestant }) => contestant),
    async close() {
      await Promise.all(seated.map(({ close }) => close()));
    },
  };
}

async function seat(server: LiveServer, { sockets, plan }: { sockets: number; plan: Plan }) {
  const load = await seatClients(server, 0);
  const deliver = async ({ ticks, ticksPerSecond, eventsPerTick }: Plan): Promise<number> => {
    const deliveries = sockets * ticks * eventsPerTick;
    await load.ask("reset", null);
    const before = cpuSeconds(server.socketPids);
    await server.publish({ ticks, ticksPerSecond, eventsPerTick });
    await load.ask("until", { events: deliveries, withinMs: arriveWithinMs });
    return ((cpuSeconds(server.socketPids) - before) / deliveries) * 100_000;
  };
  await deliver({ ...plan, ticks: Math.min(warmUpTicks, plan.ticks) });
  const contestant: Contestant = {
    name: server.name,
    async round() {
      const loadBefore = cpuSeconds([load.pid]);
      const cpu = await deliver(plan);
      const loadCpu = cpuSeconds([load.pid]) - loadBefore;
      const deliveries = sockets * plan.ticks * plan.eventsPerTick;
      return { [cpuFigure]: cpu, "load s/100k": (loadCpu / deliveries) * 100_000 };
    },
  };
  return {
    contestant,
    async close() {
      await load.stop();
      await server.stop();
    },
  };
}
