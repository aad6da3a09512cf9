import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { importJWK, type JWK, jwtVerify } from "jose";
import pg from "pg";
import { type WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { readChildConfig, serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { type Publish, sampleEvent } from "../sample-event.ts";

// The floor: what `ws` itself does, with nothing around it.
const { databaseUrl, jwk, listen } = readChildConfig(
  z.object({
    databaseUrl: z.string().optional(),
    /** Given: the first message is a token, verified and looked up before the socket is served. */
    jwk: z.record(z.string(), z.unknown()).optional(),
    /** Given: what NOTIFY brings on this channel is broadcast. */
    listen: z.string().optional(),
  }),
);
const rooms = new Map<number, Set<WebSocket>>();
let seq = 0;

const commands = {
  publish({ room, events }: Publish) {
    for (let index = 0; index < events; index++) {
      seq += 1;
      broadcast(room, Buffer.from(JSON.stringify(sampleEvent(seq))));
    }
  },
};
export type RawWs = typeof commands;

function broadcast(room: number, frame: Buffer): void {
  for (const ws of rooms.get(room) ?? []) ws.send(frame, { binary: false });
}

const pool = databaseUrl ? new pg.Pool({ connectionString: databaseUrl, max: 10 }) : null;
const key = jwk ? await importJWK(jwk as JWK, "EdDSA") : null;
const findSession = {
  name: "bench_session",
  text: "SELECT id, user_id, gen, expires_at FROM auth.sessions WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()",
};

async function admit(ws: WebSocket, token: string): Promise<void> {
  if (!key || !pool) return;
  const { payload } = await jwtVerify(token, key, { algorithms: ["EdDSA"], audience: "echo:realtime" });
  const { rows } = await pool.query({ ...findSession, values: [payload.sid] });
  if (rows.length === 1) ws.send("welcome");
  else ws.close();
}

function enter(ws: WebSocket, room: number): void {
  const members = rooms.get(room) ?? new Set();
  rooms.set(room, members.add(ws));
  ws.on("error", () => undefined);
  ws.on("close", () => members.delete(ws));
  if (key) ws.once("message", (data) => admit(ws, String(data)).catch(() => ws.close()));
}

if (listen && databaseUrl) {
  const listener = new pg.Client({ connectionString: databaseUrl });
  await listener.connect();
  await listener.query(`LISTEN ${listen}`);
  listener.on("notification", ({ payload = "" }) => {
    const colon = payload.indexOf(":");
    broadcast(Number(payload.slice(0, colon)), Buffer.from(payload.slice(colon + 1)));
  });
}

const http = createServer();
const wss = new WebSocketServer({ server: http, perMessageDeflate: false });
wss.on("connection", (ws, req) => enter(ws, Number(new URL(req.url ?? "/", "ws://x").searchParams.get("room"))));
serveCommands(commands);
http.listen(0, "127.0.0.1", 4_096, () => tellReady((http.address() as AddressInfo).port));
