import { mintTokens } from "../echo/people.ts";
import type { World } from "../echo/world.ts";
import type { Arena, Figures, Row } from "../harness/row.ts";
import { startReturningLoad } from "../load/start-load.ts";

const roomSize = 100;
const missedEach = 10;
/** While they come back, the conversations go on. */
const livePerSecond = 20;

const withinMs = 90_000;

export const resume: Row = {
  name: "resume",
  measures: `clients that come back within 10 s, each with a cursor behind which ${missedEach} events of its conversation lie, while others speak: seconds from its call to connect until the slowest has what it missed; what was lost, doubled or out of order on the wire`,
  stages: ({ isQuick }) => {
    const comeback = isQuick ? { clients: 1_000, overMs: 3_000 } : { clients: 10_000, overMs: 10_000 };
    const label = `${comeback.clients.toLocaleString("en")} clients`;
    return [{ label, open: (world) => open(world, comeback) }];
  },
};

async function open(world: World, { clients, overMs }: { clients: number; overMs: number }): Promise<Arena> {
  const rooms = clients / roomSize;
  const scene = await world.audience({ sockets: clients, rooms });
  const { people, speakers } = scene;
  const publisher = await world.startPublisher();
  const realtime = await world.startRealtime();
  const load = await startReturningLoad();
  const publish = (ticks: number, ticksPerSecond: number) =>
    publisher.ask("publish", { speakers, ticks, ticksPerSecond, eventsPerTick: 1 });

  async function round(): Promise<Figures> {
    const { epoch, position } = await world.core.events.head();
    await publish(rooms * missedEach, 250);
    const seats = (await mintTokens(world.core, people)).map((token) => ({ token, cursor: `${epoch}.${position}` }));
    const liveEach = Math.max(1, Math.floor((livePerSecond * (overMs / 1_000)) / rooms));
    const expected = missedEach + liveEach;
    const coming = load.ask("comeBack", { port: realtime.port, seats, overMs, missed: missedEach, expected, withinMs });
    await publish(rooms * liveEach, livePerSecond);
    const { slowestMs, ...counts } = await coming;
    return { ...counts, "caught up s": slowestMs / 1_000 };
  }
  return {
    contestants: [{ name: "Echo", round }],
    async close() {
      await load.stop();
      await realtime.stop();
      await publisher.stop();
    },
  };
}
