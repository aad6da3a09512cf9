import { randomUUID } from "node:crypto";
import pg from "pg";
import { z } from "zod";
import { sendMessageSql, sendMessageValues } from "../../echo/send-message-statement.ts";
import type { Speaker } from "../../echo/speaker.ts";
import { stampedText } from "../../load/stamp.ts";
import { nowNs } from "../../processes/pace.ts";
import { readChildConfig, serveCommands, tellReady } from "../../processes/serve-commands.ts";

const { databaseUrl } = readChildConfig(z.object({ databaseUrl: z.string() }));
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });

const commands = {
  /** Each writer sends again as soon as it was answered. */
  async write({ speakers, durationMs }: { speakers: Speaker[]; durationMs: number }): Promise<number> {
    const endMs = performance.now() + durationMs;
    let sent = 0;
    const writer = async (speaker: Speaker): Promise<void> => {
      for (; performance.now() < endMs; sent++) {
        const ids = { clientMessageId: randomUUID(), messageId: randomUUID() };
        const values = sendMessageValues({ ...speaker, ...ids, text: stampedText(nowNs()) });
        await pool.query({ name: "bench_send", text: sendMessageSql, values });
      }
    };
    await Promise.all(speakers.map(writer));
    return sent;
  },
};
export type PgPrepared = typeof commands;

serveCommands(commands);
tellReady();
