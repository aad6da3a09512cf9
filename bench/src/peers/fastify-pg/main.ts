import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import pg from "pg";
import { z } from "zod";
import { sendMessageSql, sendMessageValues } from "../../echo/send-message-statement.ts";
import { readChildConfig, serveCommands, tellReady } from "../../processes/serve-commands.ts";

// A bare Fastify: two routes that write with one prepared statement, nobody authenticated, nothing checked.
const { databaseUrl } = readChildConfig(z.object({ databaseUrl: z.string() }));
const pool = new pg.Pool({ connectionString: databaseUrl, max: 25 });
await pool.query(
  "CREATE TABLE IF NOT EXISTS bench_messages (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, room int, body text)",
);
const app = Fastify();

interface Body {
  conversationId: string;
  userId: string;
  clientMessageId: string;
  content: { text: string };
}

/** What Echo's send writes. */
app.post<{ Body: Body }>("/send", async ({ body }) => {
  const values = sendMessageValues({ ...body, messageId: randomUUID(), text: body.content.text });
  const { rows } = await pool.query({ name: "bench_send", text: sendMessageSql, values });
  return rows[0];
});

/** The barest durable pipeline: a row, and its body to all who listen. */
app.post<{ Body: Body & { room: number } }>("/publish", async ({ body }) => {
  const text = JSON.stringify(body);
  const { rows } = await pool.query({
    name: "bench_publish",
    text: `WITH written AS (INSERT INTO bench_messages (room, body) VALUES ($1, $2) RETURNING id)
      SELECT id, pg_notify('bench', $3) FROM written`,
    values: [body.room, text, `${body.room}:${text}`],
  });
  return { id: rows[0]?.id };
});

serveCommands({});
await app.listen({ port: 0, host: "127.0.0.1" });
tellReady((app.server.address() as AddressInfo).port);
