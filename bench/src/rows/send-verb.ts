import type { World } from "../echo/world.ts";
import { throughputFigure } from "../harness/bars.ts";
import type { Contestant, Row } from "../harness/row.ts";
import type { PgPrepared } from "../peers/pg-prepared/main.ts";
import { startChild } from "../processes/start-child.ts";

const writers = 8;

export const sendVerb: Row = {
  name: "send-verb",
  measures:
    "messages a second that one process writes with 8 writers, each in a conversation of its own: core's sendMessage, against one prepared statement that writes the same rows",
  stages: ({ isQuick }) => [{ label: `${writers} writers`, open: (world) => open(world, isQuick ? 1_000 : 5_000) }],
};

async function open(world: World, durationMs: number) {
  const { speakers } = await world.audience({ sockets: 2 * writers, rooms: writers });
  const echo = await world.startPublisher();
  const peer = await startChild<PgPrepared>(new URL("../peers/pg-prepared/main.ts", import.meta.url), {
    config: { databaseUrl: world.databaseUrl },
  });
  const contestantOf = (name: string, write: (durationMs: number) => Promise<number>): Contestant => ({
    name,
    async round() {
      const sent = await write(durationMs);
      // What waits for its position is moved before the next one's turn.
      await world.core.events.appendNow();
      return { [throughputFigure]: sent / (durationMs / 1_000) };
    },
  });
  await peer.ask("write", { speakers, durationMs: 500 });
  await echo.ask("write", { speakers, durationMs: 500 });
  return {
    contestants: [
      contestantOf("Echo", (ms) => echo.ask("write", { speakers, durationMs: ms })),
      contestantOf("pg prepared", (ms) => peer.ask("write", { speakers, durationMs: ms })),
    ],
    async close() {
      await echo.stop();
      await peer.stop();
    },
  };
}
