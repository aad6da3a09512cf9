import { WebSocket as PlatformWebSocket } from "#websocket";
import type { EchoEvents, EchoOptions } from "../echo.ts";
import type { Emitter } from "../emitter.ts";
import type { TokenSource } from "../tokens/token-source.ts";
import { createUrlList } from "../url-list.ts";
import { createIntake } from "./intake.ts";
import { type ConnectionState, Realtime } from "./realtime.ts";
import { createRealtimeApi, type RealtimeApi } from "./socket-link.ts";

interface LiveOptions {
  options: EchoOptions;
  tokens: TokenSource;
  emitter: Emitter<EchoEvents>;
  onState(state: ConnectionState): void;
}

/** The socket, what is called on it and what comes by it. */
export interface Live {
  realtime: Realtime;
  api: RealtimeApi;
  /** What came before counts no more: somebody else listens, or the same again from an earlier place. */
  forget(): void;
}

export function createLive({ options, tokens, emitter, onState }: LiveOptions): Live {
  const realtime: Realtime = new Realtime({
    urls: createUrlList(options.realtimeUrl),
    tokens,
    WebSocket: options.WebSocket ?? PlatformWebSocket,
    onEvent: (event) => intake.take(event),
    onState(state) {
      if (state.state === "connected") intake.acknowledger.resume();
      else intake.acknowledger.pause();
      onState(state);
      emitter.emit("connection", state);
    },
  });
  const api = createRealtimeApi(realtime);
  const intake = createIntake({
    acknowledge: options.acknowledge ?? true,
    markDelivered: (mark) => api.messages.markDelivered.mutate(mark),
    userId: () => realtime.userId,
    emit: emitter.emit,
  });
  return { realtime, api, forget: intake.forget };
}
