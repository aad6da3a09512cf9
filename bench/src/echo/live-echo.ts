import type { Seat } from "../load/wires.ts";
import type { Audience, LiveServer } from "../processes/live-server.ts";
import { mintTokens } from "./people.ts";
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
  const { people, speakers } = await world.audience(audience);
  const [publisher, ...realtimes] = await Promise.all([
    world.startPublisher({ environment }),
    ...Array.from({ length: nodes }, () => world.startRealtime({ environment, nodeArgs })),
  ]);
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
    async readTimes() {
      const reads = await Promise.all(realtimes.map((realtime) => realtime.ask("takeReads", null)));
      return new Map(reads.flat().map(({ sentNs, readNs }) => [sentNs, readNs]));
    },
    async stop() {
      await Promise.all(realtimes.map((realtime) => realtime.stop()));
      await publisher.stop();
    },
  };
}
