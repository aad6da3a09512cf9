import { mintTokens } from "../echo/people.ts";
import type { World } from "../echo/world.ts";
import { timeFigure } from "../harness/bars.ts";
import type { Arena, Contestant, Row } from "../harness/row.ts";
import { startSocketLoad } from "../load/start-load.ts";
import type { WireName } from "../load/wires.ts";
import { cpuSeconds } from "../processes/cpu-clock.ts";
import { startChild } from "../processes/start-child.ts";

const concurrency = 200;

export const storm: Row = {
  name: "storm",
  measures:
    "milliseconds until everybody is served by a fresh process, each with a token that it has not seen: Echo verifies, checks the session, subscribes and attaches; raw ws verifies with jose and reads the session's row",
  stages: ({ isQuick }) => [
    {
      label: `${(isQuick ? 1_000 : 5_000).toLocaleString("en")} connections`,
      open: (world) => open(world, isQuick ? 1_000 : 5_000),
    },
  ],
};

interface Process {
  pid: number;
  port: number;
  stop(): Promise<void>;
}

async function open(world: World, sockets: number): Promise<Arena> {
  const { people } = await world.audience({ sockets, rooms: 1 });
  const contestantOf = (name: string, wire: WireName, start: () => Promise<Process>): Contestant => ({
    name,
    async round() {
      const tokens = await mintTokens(world.core, people);
      const server = await start();
      const load = await startSocketLoad();
      try {
        const seats = tokens.map((token) => ({ token }));
        const before = cpuSeconds([server.pid]);
        const ms = await load.ask("open", { wire, ports: [server.port], seats, concurrency, sampleEvery: 0 });
        return { [timeFigure]: ms, "cpu s": cpuSeconds([server.pid]) - before };
      } finally {
        await load.stop();
        await server.stop();
      }
    },
  });
  const startPeer = async () => {
    const [jwk] = (await world.core.ports.keys.jwks()).keys;
    const config = { databaseUrl: world.databaseUrl, jwk };
    return startChild<never>(new URL("../peers/raw-ws/main.ts", import.meta.url), { config });
  };
  return {
    contestants: [
      contestantOf("Echo", "echo", () => world.startRealtime()),
      contestantOf("raw ws + jose + one row", "rawWithToken", startPeer),
    ],
    close: async () => undefined,
  };
}
