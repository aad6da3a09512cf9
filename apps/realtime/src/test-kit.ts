import type { AuthResult, RealtimeEvent } from "@echo/contracts";
import type { Actor, Core } from "@echo/core";
import { type Batch, createEventLog, type EventLog, type LogHead } from "@echo/core/event-log";
import { sendMessage } from "@echo/core/messages";
import type { Bus } from "@echo/platform";
import { realtimeDefaults, type Timings } from "./config.ts";
import type { Overrides } from "./node.ts";
import { RawClient } from "./raw-client.ts";
import { type RunningRealtime, startRealtime } from "./start-realtime.ts";

interface NodeOptions {
  timings?: Partial<Timings>;
  overrides?: Overrides;
}

/** One more node on a core of this test, which the test may have tampered with. */
export async function startTestNode(
  core: Core,
  { timings = {}, overrides = {} }: NodeOptions = {},
): Promise<RunningRealtime> {
  const anywhere = { host: "127.0.0.1", port: 0, internalHost: "127.0.0.1", internalPort: 0 };
  const config = {
    ...realtimeDefaults,
    ...anywhere,
    origins: [],
    trustedProxies: [],
    timings: { ...realtimeDefaults.timings, drainMs: 0, leaveMs: 500, ...timings },
  };
  return startRealtime({ core, config, overrides });
}

/** The same log, except for what the test changes of it. */
export function withLog(core: Core, change: (events: EventLog) => Partial<EventLog>): Core {
  const { events } = core;
  const tampered: EventLog = {
    appendSoon: () => events.appendSoon(),
    appendNow: () => events.appendNow(),
    head: () => events.head(),
    read: (range) => events.read(range),
    start: () => events.start(),
    stop: () => events.stop(),
    onAdvance: (listener) => events.onAdvance(listener),
    ...change(events),
  };
  return { ...core, events: tampered };
}

/** The same log, except that the test says which announcements are heard, and what they tell of their batches. */
export function withAnnouncements(
  core: Core,
  mayHear: (head: LogHead) => boolean,
  tell: (batch: Batch | null) => Batch | null = (batch) => batch,
): Core {
  return withLog(core, (events) => ({
    onAdvance: (listener) =>
      events.onAdvance((head, batch) => {
        if (mayHear(head)) listener(head, tell(batch));
      }),
  }));
}

/** A core whose bus loses what the test says; what it lost, its log has to find by its own looks. */
export async function withLossyBus(
  core: Core,
  isLost: (channel: string) => boolean,
): Promise<{ core: Core; stop(): Promise<void> }> {
  const { db, logger, config } = core;
  const bus: Bus = {
    driver: core.bus.driver,
    maxPayloadBytes: core.bus.maxPayloadBytes,
    publish: (channel, payload) => core.bus.publish(channel, payload),
    subscribe: (channel, onMessage) =>
      core.bus.subscribe(channel, (payload) => {
        if (!isLost(channel)) onMessage(payload);
      }),
    onReconnect: (listener) => core.bus.onReconnect(listener),
    heartbeatAgeMs: () => core.bus.heartbeatAgeMs(),
    ping: () => core.bus.ping(),
    close: async () => undefined,
  };
  const events = createEventLog({ db, bus, logger, logDays: config.logDays });
  await events.start();
  return { core: { ...core, bus, events }, stop: () => events.stop() };
}

export function actorOf({ user, session }: AuthResult): Actor {
  const [authTime, expiresAt] = [new Date(), new Date(Date.now() + 900_000)];
  return { userId: user.userId, sessionId: session.id, ip: "127.0.0.1", requestId: "test", authTime, expiresAt };
}

let sends = 0;

/** Sends without a door: for tests that need many messages. */
export function say(core: Core, by: AuthResult, [conversationId, text]: [conversationId: string, text: string]) {
  const clientMessageId = `say-${++sends}`;
  return sendMessage(core, actorOf(by), { conversationId, clientMessageId, type: "text", content: { text } });
}

type Received = { place: string; event: RealtimeEvent }[];

/** The texts of the messages that a subscription was given. */
export function textsOf(received: Received): string[] {
  return received.flatMap(({ event }) =>
    event.type === "message.created" && event.data.content && "text" in event.data.content
      ? [event.data.content.text ?? ""]
      : [],
  );
}

export const typesOf = (received: Received): string[] => received.map(({ event }) => event.type);

export const positionOf = (place: string): number => Number(place.split(".")[1]);

/** Subscribes and waits for the ack. Answers the place where it began. */
export async function subscribed(client: RawClient, id: number, cursor?: string): Promise<string> {
  client.subscribe(id, cursor);
  const [ack] = await client.until(() => client.eventsOf(id).length > 0 && client.eventsOf(id));
  return ack?.place ?? "";
}

/** As much of a running Echo as connecting takes. */
export interface Reachable {
  nodes: readonly { realtime: { url: string } }[];
  user(name: string): Promise<AuthResult>;
}

export const urlOf = (echo: Reachable): string => echo.nodes[0]?.realtime.url ?? "";

export async function connectAs(echo: Reachable, name: string): Promise<RawClient> {
  const { accessToken } = await echo.user(name);
  return RawClient.connect(urlOf(echo), { token: accessToken });
}
