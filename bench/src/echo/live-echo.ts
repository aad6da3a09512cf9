import type { Seat } from "../load/wires.ts";
import type { Audience, LiveServer } from "../processes/live-server.ts";
import type { Probe } from "../processes/probe/main.ts";
import type { Child } from "../processes/start-child.ts";
import { mintTokens, type Person } from "./people.ts";
import { openConversation, type Speaker } from "./speaker.ts";
import type { World } from "./world.ts";

interface LiveEchoOptions {
  audience: Audience;
  /** Realtime processes. */
  nodes: number;
  /** Absent: the embedded drivers. */
  redisUrl?: string;
  nodeArgs?: readonly string[];
}

/** Echo's realtime processes, one conversation a room, and a publisher process that sends through core. */
export async function startLiveEcho(world: World, options: LiveEchoOptions): Promise<LiveServer> {
  const { audience, nodes, redisUrl, nodeArgs = [] } = options;
  const environment: Record<string, string> = redisUrl === undefined ? {} : { REDIS_URL: redisUrl };
  const people = await world.people(audience.sockets);
  const speakers = await openRooms(world, people, audience.rooms);
  const publisher = await world.startPublisher({ environment });
  const realtimes: Child<Probe>[] = [];
  for (let node = 0; node < nodes; node++) realtimes.push(await world.startRealtime({ environment, nodeArgs }));
  return {
    name: "Echo",
    wire: "echo",
    ports: realtimes.map(({ port }) => port),
    socketPids: realtimes.map(({ pid }) => pid),
    async seats(): Promise<Seat[]> {
      return (await mintTokens(world.core, people)).map((token) => ({ token }));
    },
    publish: (plan) => publisher.ask("publish", { ...plan, speakers }),
    async residentBytes() {
      const each = await Promise.all(realtimes.map((realtime) => realtime.ask("residentBytes", null)));
      return each.reduce((sum, bytes) => sum + bytes, 0);
    },
    async stop() {
      await Promise.all(realtimes.map((realtime) => realtime.stop()));
      await publisher.stop();
    },
  };
}

/** The n-th person sits in the room n modulo their number, as the peers' clients do. */
async function openRooms(world: World, people: readonly Person[], rooms: number): Promise<Speaker[]> {
  const speakers: Speaker[] = [];
  for (let room = 0; room < rooms; room++) {
    speakers.push(
      await openConversation(
        world.core,
        people.filter((_, index) => index % rooms === room),
      ),
    );
  }
  await world.core.events.appendNow();
  return speakers;
}
