import type { Echo, EchoEvents, EchoOptions } from "./echo.ts";
import { createEmitter, type Emitter } from "./emitter.ts";
import { createCalls } from "./http/create-calls.ts";
import { onlineAgain } from "./online.ts";
import { createLive } from "./realtime/create-live.ts";
import type { ConnectionState } from "./realtime/realtime.ts";
import { Outbox } from "./sending/outbox.ts";

const defaultOutboxCapacity = 500;

/**
 * A client of Echo: typed calls, one socket that survives whatever happens to it, and messages that are sent once.
 *
 * @example
 * const echo = createEcho({ apiUrl: "http://localhost:8080", realtimeUrl: "ws://localhost:8083" });
 * await echo.api.auth.login.mutate({ email, password });
 * echo.on("message.created", ({ data }) => show(data));
 * await echo.connect();
 * await echo.send({ conversationId, type: "text", content: { text: "Hello" } });
 */
export function createEcho(options: EchoOptions): Echo {
  const emitter = createEmitter<EchoEvents>();
  const { api, tokens, forget } = createCalls(options, { onSignedIn, onSignedOut });
  const live = createLive({ options, tokens, emitter, onState });
  const { realtime } = live;
  const outbox = new Outbox({
    capacity: options.outboxCapacity ?? defaultOutboxCapacity,
    post: (input) => api.messages.send.mutate(input),
    emit: emitter.emit,
  });

  let isSignedOut = false;

  function onState(state: ConnectionState): void {
    if (state.state === "connected") outbox.wake();
    if (state.state === "ended" && state.reason === "revoked") void forget().then(onSignedOut);
  }

  function onSignedIn(userId: string): void {
    isSignedOut = false;
    if (realtime.userId === null || realtime.userId === userId) return;
    outbox.clear();
    live.forget();
    realtime.restart();
  }

  /** A sign-out is told by the API's answer and by the socket's end, whichever comes first. */
  function onSignedOut(): void {
    if (isSignedOut) return;
    isSignedOut = true;
    outbox.clear();
    live.forget();
    realtime.stop("signedOut");
    emitter.emit("signedOut", undefined);
  }

  const stopListening = onlineAgain(() => {
    realtime.wake();
    outbox.wake();
  });

  return {
    ...listening(emitter),
    api,
    realtime: live.api,
    send: (input) => outbox.send(input),
    get cursor() {
      return realtime.cursor;
    },
    get connection() {
      return realtime.state;
    },
    get userId() {
      return realtime.userId;
    },
    connect(place) {
      if (place?.cursor !== undefined) live.forget();
      realtime.start(place?.cursor);
      const ready = realtime.ready();
      ready.catch(() => undefined); // whoever does not wait is told by onConnection
      return ready;
    },
    disconnect: () => realtime.stop("disconnected"),
    close() {
      stopListening();
      realtime.stop("disconnected");
      outbox.clear();
    },
  };
}

function listening({ on }: Emitter<EchoEvents>): Pick<Echo, "on" | "onReset" | "onConnection" | "onSignedOut"> {
  return {
    on,
    onReset: (listener) => on("sync.reset", listener),
    onConnection: (listener) => on("connection", listener),
    onSignedOut: (listener) => on("signedOut", listener),
  };
}
