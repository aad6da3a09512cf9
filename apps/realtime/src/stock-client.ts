import type { RealtimeEvent } from "@echo/contracts";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { WebSocket } from "ws";
import type { RealtimeRouter } from "./router.ts";
import { type Reachable, textsOf, typesOf, urlOf } from "./test-kit.ts";

/** Stock tRPC; the test can cut its socket, and reads what it sends. */
export async function connectStock(echo: Reachable, name: string) {
  const { accessToken } = await echo.user(name);
  const sockets: WebSocket[] = [];
  const sent: string[] = [];
  class Watched extends WebSocket {
    constructor(url: string) {
      super(url);
      sockets.push(this);
    }
    override send(data: string): void {
      sent.push(data);
      super.send(data);
    }
  }
  const ws = createWSClient({
    url: `${urlOf(echo)}/trpc`,
    WebSocket: Watched as unknown as typeof globalThis.WebSocket,
    connectionParams: { token: accessToken },
    retryDelayMs: () => 20,
  });
  const client = createTRPCClient<RealtimeRouter>({ links: [wsLink({ client: ws })] });

  return {
    client,
    sent,
    cut: () => sockets.at(-1)?.terminate(),
    sockets,
    subscribe(input?: { cursor?: string }) {
      const events: { place: string; event: RealtimeEvent }[] = [];
      const states: string[] = [];
      const errors: unknown[] = [];
      const subscription = client.events.subscribe.subscribe(input, {
        onData: ({ id, data }) => events.push({ place: id, event: data }),
        onStarted: () => states.push("started"),
        onStopped: () => states.push("stopped"),
        onComplete: () => states.push("complete"),
        onError: (error) => errors.push(error),
      });
      const texts = () => textsOf(events);
      const acks = () => events.filter(({ event }) => event.type === "connection.ack").length;
      return {
        ...subscription,
        events,
        states,
        errors,
        texts,
        acks,
        types: () => typesOf(events),
      };
    },
    [Symbol.asyncDispose]: () => ws.close(),
  };
}
