import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createClientIp, createOriginCheck, pathOf, type Refusal, refuse } from "@echo/platform";
import { WebSocketServer } from "ws";
import { Connection } from "./connection.ts";
import type { Node } from "./node.ts";
import { TokenBucket } from "./token-bucket.ts";

/** contract.md: frames from clients. */
const maxPayload = 64 * 1_024;

interface UpgradeDoor {
  isAllowedHost(host: string | undefined): boolean;
  isDraining(): boolean;
  onText(connection: Connection, text: string): void;
  onLeft(connection: Connection): void;
}

/** Lets sockets in: exact path, Origin, places of the address; everything is judged before the handshake. */
export function acceptUpgrades(node: Node, server: Server, door: UpgradeDoor): void {
  const { closeMs: closeTimeout } = node.config.timings;
  // Not in place: @types/ws does not know closeTimeout yet.
  const options = { noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload, closeTimeout };
  const wss = new WebSocketServer(options);
  const judge = createJudge(node, door);
  wss.on("wsClientError", (error, socket) => {
    refuse(socket, { status: 400, code: "BAD_REQUEST", message: error.message });
  });
  server.on("upgrade", (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    // First of all: an error of a socket without a listener ends the process.
    socket.on("error", () => undefined);
    if (!(socket instanceof Socket)) return void socket.destroy();
    const { ip, refusal } = judge(req, socket);
    if (refusal) refuse(socket, refusal);
    else wss.handleUpgrade(req, socket, head, (ws) => open(node, door, { ws, socket, ip }));
  });
}

type Opened = Pick<ConstructorParameters<typeof Connection>[0], "ws" | "socket" | "ip">;

function open(node: Node, door: UpgradeDoor, opened: Opened): void {
  const { core, registry, tick, config } = node;
  const nowMs = core.clock.monotonicMs();
  const connection = new Connection({
    ...opened,
    id: core.ids.uuid(),
    bucket: new TokenBucket(core.config.limits.socket, nowMs),
    tick,
    timings: config.timings,
    nowMs,
    onText: door.onText,
    onLeft: door.onLeft,
    onGone: (gone) => registry.all.delete(gone),
  });
  registry.addStranger(opened.ip);
  registry.all.add(connection);
  registry.strangers.add(connection);
}

function createJudge({ registry, core, config }: Node, door: UpgradeDoor) {
  const clientIp = createClientIp(config.trustedProxies);
  const isAllowedOrigin = createOriginCheck(config.origins);
  return (req: IncomingMessage, socket: Socket): { ip: string; refusal: Refusal | null } => {
    const ip = clientIp(socket.remoteAddress, req.headers["x-forwarded-for"]);
    const { origin, host } = req.headers;
    const because = (refusal: Refusal) => ({ ip, refusal });
    if (pathOf(req) !== "/trpc")
      return because({ status: 404, code: "NOT_FOUND", message: "The WebSocket is at /trpc" });
    if (!door.isAllowedHost(host)) {
      return because({ status: 421, code: "BAD_REQUEST", message: "This server does not answer to that Host" });
    }
    if (origin !== undefined && !isAllowedOrigin(origin)) {
      return because({ status: 403, code: "FORBIDDEN", message: "Pages of this origin may not connect" });
    }
    if (door.isDraining()) {
      return because({ status: 503, code: "UNAVAILABLE", message: "This server stops; connect again" });
    }
    if (registry.strangersOf(ip) < core.config.limits.socketsPerIpUnauthenticated) return { ip, refusal: null };
    const message = "Too many sockets of this address have not shown a token yet";
    const { authMs: retryAfterMs } = config.timings;
    return because({ status: 429, code: "TOO_MANY_REQUESTS", message, retryAfterMs, limiter: "anonymous" });
  };
}
