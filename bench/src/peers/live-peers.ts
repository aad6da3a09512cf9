import type { Seat, WireName } from "../load/wires.ts";
import type { Audience, LiveServer } from "../processes/live-server.ts";
import { pace } from "../processes/pace.ts";
import type { Probe } from "../processes/probe/main.ts";
import { startChild } from "../processes/start-child.ts";
import type { RawWs } from "./raw-ws/main.ts";

/** What users would pick instead, each a process of its own from a pinned package; all know the command `publish`. */
const livePeers = {
  "raw ws": { main: new URL("raw-ws/main.ts", import.meta.url), wire: "raw" },
  "Socket.IO": { main: new URL("socket-io/main.ts", import.meta.url), wire: "socketIo" },
  "stock tRPC": { main: new URL("stock-trpc/main.ts", import.meta.url), wire: "trpc" },
} satisfies Record<string, { main: URL; wire: WireName }>;
export type LivePeer = keyof typeof livePeers;

/** The pacer is here, outside of the measured process: a tick reaches it as one message. */
export async function startLivePeer(
  name: LivePeer,
  { sockets, rooms }: Audience,
  nodeArgs: readonly string[] = [],
): Promise<LiveServer> {
  const { main, wire } = livePeers[name];
  const child = await startChild<RawWs & Probe>(main, { nodeArgs });
  return {
    name,
    wire,
    ports: [child.port],
    socketPids: [child.pid],
    seats: async () => Array.from({ length: sockets }, (_, index): Seat => ({ room: index % rooms })),
    async publish({ ticks, ticksPerSecond, eventsPerTick }) {
      const told: Promise<unknown>[] = [];
      await pace({ perSecond: ticksPerSecond, total: ticks }, (tick) => {
        told.push(child.ask("publish", { room: tick % rooms, events: eventsPerTick }));
      });
      await Promise.all(told);
    },
    residentBytes: () => child.ask("residentBytes", null),
    readTimes: async () => new Map(),
    stop: () => child.stop(),
  };
}
