import type { Server } from "node:http";
import { type Core, createCoreHealth } from "@echo/core";
import { stopTyping } from "@echo/core/messages";
import { addressOf, createHostCheck, createProbeServer, isLoopback, listen } from "@echo/platform";
import { serveFrame } from "./calls.ts";
import { startCensus } from "./census.ts";
import { readToken } from "./client-frame.ts";
import type { RealtimeConfig } from "./config.ts";
import type { Connection } from "./connection.ts";
import { startDeadlines } from "./deadlines.ts";
import { drain } from "./drain.ts";
import { giveSignal } from "./ephemeral.ts";
import { Fanout, type FanoutFigures } from "./fanout.ts";
import { introduce } from "./identity.ts";
import { createNode, type Node, type Overrides } from "./node.ts";
import { Sessions } from "./sessions.ts";
import { Signals } from "./signals.ts";
import { endSubscription } from "./subscribe.ts";
import { type Typist, Typists } from "./typists.ts";
import { acceptUpgrades } from "./upgrade.ts";

/** A realtime node that answers. */
export interface RunningRealtime {
  /** `ws://host:port`; the WebSocket is at `/trpc` below it. */
  url: string;
  internalUrl: string;
  /** What it read of the log so far. */
  readonly figures: Readonly<FanoutFigures>;
  /** Sends every socket away with 1001, spread over the drain time, then closes the ports. */
  close(): Promise<void>;
}

export interface RealtimeOptions {
  core: Core;
  config: RealtimeConfig;
  /** For tests that plant a fault. */
  overrides?: Overrides | undefined;
}

/** Opens the public and the internal port. @throws when one of them is taken, or the log cannot be read */
export async function startRealtime({ core, config, overrides = {} }: RealtimeOptions): Promise<RunningRealtime> {
  const node = createNode({ core, config, overrides, onConversation: (id, isHere) => signals.follow(id, isHere) });
  const typists = new Typists(
    () => core.clock.monotonicMs(),
    (typist) => tellTypingEnd(node, typist),
  );
  const fanout = new Fanout(node, typists);
  const signals = new Signals(node, typists, () => void fanout.look());
  const sessions = new Sessions(node);
  const doors = createDoors(node);
  let stopDeadlines: (() => void) | null = null;
  let stopCensus: (() => Promise<void>) | null = null;
  const close = async (): Promise<void> => {
    doors.close();
    await stopCensus?.();
    await drain(node);
    stopDeadlines?.();
    await Promise.all([sessions.stop(), fanout.stop(), signals.stop(), doors.closed()]);
  };
  try {
    await fanout.start();
    await sessions.start();
    stopDeadlines = startDeadlines(node);
    const internalUrl = `http://${addressOf(await listen(doors.internal, config.internalHost, config.internalPort))}`;
    const address = addressOf(await listen(doors.open, config.host, config.port));
    stopCensus = startCensus(node, address);
    return {
      internalUrl,
      url: `ws://${address}`,
      get figures() {
        return fanout.figures;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function createDoors(node: Node) {
  const { core, config } = node;
  const health = createCoreHealth(core, { service: "realtime", version: config.version });
  const isKnownHost = createHostCheck(config.origins);
  const isAllowedHost = isLoopback(config.host) ? isKnownHost : () => true;
  const shared = {
    health,
    requestMs: config.timings.requestMs,
    nothingHere: "There is nothing here; the WebSocket is at /trpc",
  };
  const open = createProbeServer({ ...shared, isInternal: false, isAllowedHost });
  const internal = createProbeServer({ ...shared, isInternal: true, isAllowedHost: isKnownHost });
  let isDraining = false;
  acceptUpgrades(node, open, {
    isAllowedHost,
    isDraining: () => isDraining,
    onText: (connection, text) => receive(node, connection, text),
    onLeft: (connection) => leave(node, connection),
  });
  return {
    open,
    internal,
    close() {
      isDraining = true;
      health.drain();
    },
    closed: () => Promise.all([open, internal].map(closeServer)),
  };
}

/** Sockets that were upgraded are gone by now; what is left are probes. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function receive(node: Node, connection: Connection, text: string): void {
  if (connection.identity) serveFrame(node, connection, text);
  else if (connection.waiting) connection.waiting.push(text);
  else void open(node, connection, text);
}

/** The first message. What comes behind it waits until the token was judged. */
async function open(node: Node, connection: Connection, text: string): Promise<void> {
  connection.waiting = [];
  connection.pause();
  const isServed = await introduce(node, connection, readToken(text));
  if (!isServed) return;
  const waiting = connection.waiting;
  connection.waiting = null;
  connection.resume();
  for (const frame of waiting) serveFrame(node, connection, frame);
}

function leave(node: Node, connection: Connection): void {
  const { registry, core } = node;
  for (const subscription of connection.subscriptions.values()) endSubscription(node, subscription);
  connection.subscriptions.clear();
  if (!connection.identity) {
    registry.dropStranger(connection.ip);
    return;
  }
  const { userId, sessionId } = connection.identity.actor;
  registry.removeFrom(userId, connection);
  const others = [...registry.ofUser(userId)];
  if (!others.some(({ identity }) => identity?.actor.sessionId === sessionId)) void stopTyping(core, { sessionId });
}

/** This node's own sockets: every other node keeps the time for its own. */
function tellTypingEnd(node: Node, { conversationId, userId }: Typist): void {
  const data = { conversationId, userId, activity: "none" as const };
  const event = { type: "typing.updated" as const, at: node.core.clock.now().toISOString(), data };
  giveSignal(node, conversationId, { event, exceptUserId: userId });
}
