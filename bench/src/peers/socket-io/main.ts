import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import { serveCommands, tellReady } from "../../processes/serve-commands.ts";
import { type Publish, sampleEvent } from "../sample-event.ts";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, serveClient: false });
let seq = 0;

const commands = {
  publish({ room, events }: Publish) {
    for (let index = 0; index < events; index++) {
      seq += 1;
      io.to(`room:${room}`).emit("event", sampleEvent(seq));
    }
  },
};
export type SocketIo = typeof commands;

io.on("connection", (socket) => socket.join(`room:${socket.handshake.query.room ?? 0}`));
serveCommands(commands);
http.listen(0, "127.0.0.1", 4_096, () => tellReady((http.address() as AddressInfo).port));
