import { startLiveEcho } from "../echo/live-echo.ts";
import { memoryFigure } from "../harness/bars.ts";
import type { Contestant, Row, Stage } from "../harness/row.ts";
import { startSocketLoad } from "../load/start-load.ts";
import { type LivePeer, startLivePeer } from "../peers/live-peers.ts";
import type { LiveServer } from "../processes/live-server.ts";

const peers: readonly LivePeer[] = ["raw ws", "Socket.IO", "stock tRPC"];
/** Opened and closed before the first look, so that code and pools are there already. */
const warmUpSockets = 100;
const probe = ["--expose-gc", "--import", new URL("../processes/probe/main.ts", import.meta.url).href];

export const memory: Row = {
  name: "memory",
  measures:
    "resident memory of a fresh server process per idle connection, after garbage collection; Echo's are authenticated, subscribed and members of a conversation",
  stages: ({ isQuick }) => [stageOf(isQuick ? 1_000 : 10_000)],
};

const stageOf = (sockets: number): Stage => ({
  label: `${sockets.toLocaleString("en")} connections`,
  sockets,
  async open(world) {
    const audience = { sockets, rooms: 1 };
    const echo = contestantOf("Echo", () => startLiveEcho(world, { audience, nodes: 1, nodeArgs: probe }));
    const others = peers.map((peer) => contestantOf(peer, () => startLivePeer(peer, audience, probe)));
    return { contestants: [echo, ...others], close: async () => undefined };
  },
});

/** Each round a process of its own: memory that was used once is not given back. */
const contestantOf = (name: string, start: () => Promise<LiveServer>): Contestant => ({
  name,
  async round() {
    const [server, load] = await Promise.all([start(), startSocketLoad()]);
    try {
      const seats = await server.seats();
      const crowd = { wire: server.wire, ports: server.ports, concurrency: 100, sampleEvery: 0 };
      await load.ask("open", { ...crowd, seats: seats.slice(0, warmUpSockets) });
      await load.ask("close", null);
      const before = await server.residentBytes();
      await load.ask("open", { ...crowd, seats });
      const after = await server.residentBytes();
      return { [memoryFigure]: (after - before) / seats.length / 1_024 };
    } finally {
      await load.stop();
      await server.stop();
    }
  },
});
