import { EventEmitter, on } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { initTRPC, tracked } from "@trpc/server";
import { applyWSSHandler } from "@trpc/server/adapters/ws";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { type Publish, sampleEvent } from "../sample-event.ts";

// As tRPC's documentation builds a subscription: a generator over events.on, one for each subscriber.
const emitter = new EventEmitter();
emitter.setMaxListeners(0);
const t = initTRPC.create();
const router = t.router({
  events: t.procedure.input(z.object({ room: z.int() })).subscription(async function* ({ input, signal }) {
    for await (const [event] of on(emitter, `room:${input.room}`, signal ? { signal } : {})) {
      yield tracked(event.id, event);
    }
  }),
});
let seq = 0;

const commands = {
  publish({ room, events }: Publish) {
    for (let index = 0; index < events; index++) {
      seq += 1;
      emitter.emit(`room:${room}`, sampleEvent(seq));
    }
  },
};
export type StockTrpc = typeof commands;

const http = createServer();
applyWSSHandler({ wss: new WebSocketServer({ server: http, perMessageDeflate: false }), router });
serveCommands(commands);
http.listen(0, "127.0.0.1", 4_096, () => tellReady((http.address() as AddressInfo).port));
