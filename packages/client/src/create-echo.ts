import type { Echo, EchoEvents, EchoOptions } from "./echo.ts";
import { createEmitter, type Emitter } from "./emitter.ts";
import { createCalls } from "./http/create-calls.ts";
import { onlineAgain } from "./online.ts";
import { createLive } from "./realtime/create-live.ts";
import type { ConnectionState } from "./realtime/realtime.ts";
import { KeptMessages } from "./sending/kept-messages.ts";
import { Outbox } from "./sending/outbox.ts";

const defaultOutboxCapacity = 500;

/**
 * A client of Echo: typed calls, one socket that survives whatever happens to it, and messages that are sent once.
 * Nothing is asked of a server before the first call. An application has one, made once.
 * @throws TypeError for an address that is no URL
 *
 * @example
 * const echo = createEcho({ apiUrl: "http://localhost:8080", realtimeUrl: "ws://localhost:8083" });
 * await echo.api.auth.login.mutate({ email, password });
 * echo.on("message.created", ({ data }) => show(data));
 * await echo.connect();
 * await echo.send({ conversationId, type: "text", content: { text: "Hello" } });
 */
export function createEcho(options: EchoOptions): Echo {
  const { emitter, calls, live, outbox } = createParts(options);
  const { realtime } = live;
  const stopListening = onlineAgain(() => {
    realtime.wake();
    outbox.wake();
  });

  return {
    ...listening(emitter),
    api: calls.api,
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
      outbox.close();
      calls.close();
    },
  };
}

/** Calls, socket and outbox, and what the coming and going of a person means to each. */
function createParts(options: EchoOptions) {
  const emitter = createEmitter<EchoEvents>();
  const calls = createCalls(options, { onSignedIn, onSignedOut });
  const live = createLive({ options, tokens: calls.tokens, emitter, onState });
  const { realtime } = live;
  const { outboxStorage: storage, outboxCapacity: capacity = defaultOutboxCapacity } = options;
  const outbox = new Outbox({
    capacity,
    post: (input) => calls.api.messages.send.mutate(input),
    emit: emitter.emit,
    kept: storage ? new KeptMessages({ storage, userId: () => calls.tokens.userId() }) : null,
  });
  let isSignedOut = false;
  /** Who was seen last. */
  let person: string | null = null;

  function onState(state: ConnectionState): void {
    if (state.state === "connected") {
      isSignedOut = false;
      person = realtime.userId;
      outbox.wake();
      resumeSending();
    }
    if (state.state === "ended" && state.reason === "revoked") {
      const { userId } = realtime;
      void calls.forget().then(() => onSignedOut(userId));
    }
  }

  function onSignedIn(userId: string | null): void {
    isSignedOut = false;
    if (person !== null && person !== userId) {
      outbox.forget(person);
      live.forget();
      realtime.restart();
    }
    person = userId;
    resumeSending();
  }

  function resumeSending(): void {
    if (person !== null) outbox.resume(person).catch(() => undefined); // a storage that fails stops nothing else
  }

  /** A sign-out is told by the API's answer and by the socket's end, whichever comes first. */
  function onSignedOut(userId: string | null): void {
    if (isSignedOut) return;
    isSignedOut = true;
    person = null;
    if (userId === null) outbox.clear();
    else outbox.forget(userId);
    live.forget();
    realtime.stop("signedOut");
    emitter.emit("signedOut", undefined);
  }

  return { emitter, calls, live, outbox };
}

function listening({ on }: Emitter<EchoEvents>): Pick<Echo, "on" | "onReset" | "onConnection" | "onSignedOut"> {
  return {
    on,
    onReset: (listener) => on("sync.reset", listener),
    onConnection: (listener) => on("connection", listener),
    onSignedOut: (listener) => on("signedOut", listener),
  };
}
