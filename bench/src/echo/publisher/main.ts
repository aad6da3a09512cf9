import type { Core } from "@echo/core";
import { sendMessage } from "@echo/core/messages";
import type { Tx } from "@echo/db";
import { statement } from "@echo/db";
import { startProcess } from "@echo/platform";
import { stampedText } from "../../load/stamp.ts";
import { nowNs, pace } from "../../processes/pace.ts";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { openCore } from "../bench-core.ts";
import { sendMessageSql, sendMessageValues } from "../send-message-statement.ts";
import { actorOf, type Speaker, stampedMessage } from "../speaker.ts";

const send = statement<{ status: string }>("bench_send", sendMessageSql);

export interface PublishPlan {
  /** Each tick is the next one's. */
  speakers: Speaker[];
  ticks: number;
  ticksPerSecond: number;
  eventsPerTick: number;
}

const commandsOf = (core: Core) => ({
  /** At a steady pace; resolves when all is committed and has its position. */
  async publish({ speakers, ticks, ticksPerSecond, eventsPerTick }: PublishPlan): Promise<void> {
    const sends: Promise<unknown>[] = [];
    await pace({ perSecond: ticksPerSecond, total: ticks }, (tick) => {
      const speaker = speakers[tick % speakers.length];
      if (speaker) sends.push(eventsPerTick === 1 ? say(core, speaker) : sayMany(core, speaker, eventsPerTick));
    });
    await Promise.all(sends);
    await core.events.appendNow();
  },
  /** Each writer sends again as soon as it was answered. */
  async write({ speakers, durationMs }: { speakers: Speaker[]; durationMs: number }): Promise<number> {
    const endMs = performance.now() + durationMs;
    let sent = 0;
    const writer = async (speaker: Speaker): Promise<void> => {
      for (; performance.now() < endMs; sent++) await say(core, speaker);
    };
    await Promise.all(speakers.map(writer));
    return sent;
  },
});
export type Publisher = ReturnType<typeof commandsOf>;

const say = (core: Core, speaker: Speaker) => sendMessage(core, actorOf(speaker), stampedMessage(core, speaker));

/** Events that become visible at once, so that a node reads them as one batch: their rows in one transaction. */
async function sayMany(core: Core, speaker: Speaker, events: number): Promise<void> {
  await core.db.transaction(async (tx: Tx) => {
    for (let index = 0; index < events; index++) {
      const ids = { clientMessageId: core.ids.uuid(), messageId: core.ids.uuid() };
      await tx.query(send, sendMessageValues({ ...speaker, ...ids, text: stampedText(nowNs()) }));
    }
  });
  core.events.appendSoon();
}

await startProcess("publisher", async () => {
  serveCommands(commandsOf(await openCore(process.env)));
  tellReady();
});
