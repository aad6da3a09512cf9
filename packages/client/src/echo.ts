import type { Message, RealtimeEvent } from "@echo/contracts";
import type { Api } from "./http/api-client.ts";
import type { Fetch } from "./http/failover-fetch.ts";
import type { ConnectionState } from "./realtime/realtime.ts";
import type { RealtimeApi } from "./realtime/socket-link.ts";
import type { WebSocketConstructor } from "./realtime/web-socket-like.ts";
import type { SendEvents, SendInput } from "./sending/outbox.ts";
import type { GivenToken } from "./tokens/given-tokens.ts";
import type { Storage } from "./tokens/storage.ts";

/** Each type of event that comes by the socket. */
export type RealtimeEvents = { [E in RealtimeEvent as E["type"]]: E };

/** What `on` listens to: what comes by the socket, and what becomes of one's own sends. */
export type EchoEvents = RealtimeEvents & SendEvents & { connection: ConnectionState; signedOut: undefined };

interface CommonOptions {
  /** Root of the API, `https://api.example.org`, or several that are tried in turn. */
  apiUrl: string | readonly string[];
  /** Root of the realtime service, `wss://realtime.example.org`, or several that are tried in turn. */
  realtimeUrl: string | readonly string[];
  /** Instead of the platform's. */
  fetch?: Fetch;
  /** Instead of the platform's. */
  WebSocket?: WebSocketConstructor;
  /** Whether messages are acknowledged as delivered when they arrive; default true. */
  acknowledge?: boolean;
  /** Messages that may wait to be sent; default 500. One more is refused with a RangeError. */
  outboxCapacity?: number;
  /**
   * Where messages that were not sent yet outlive a reload, to be sent by the next page of the same person, as the same
   * messages; default: in memory. A sign-out gives them up. With `token` they are kept once the token was used.
   */
  outboxStorage?: Storage;
}

/** Where the servers are, and whose session it is: one that the client keeps, or a token of the application's. */
export type EchoOptions = CommonOptions &
  (
    | {
        /**
         * Where the session of `api.auth.login` or `register` is kept: `webStorage(localStorage)`; default: in memory,
         * until the process ends. All tabs with one storage have one session.
         */
        storage?: Storage;
        token?: never;
      }
    | {
        storage?: never;
        /** An access token that the application brings, or a function that fetches one; then `api.auth` is not used. */
        token: GivenToken;
      }
  );

/** A client of Echo. @see createEcho */
export interface Echo {
  /**
   * Every procedure of the API, typed. `auth.login`, `register`, `stepUp` and `logout` keep and forget the session; it
   * is renewed before it ends, once however many calls need it. A call that got no answer is repeated at the next
   * address when that cannot do it twice.
   * @throws an error for `errorCode`
   */
  readonly api: Api;
  /** `messages.typing`, `markRead` and what else goes over the socket. @throws a NETWORK error without a connection */
  readonly realtime: RealtimeApi;
  /** Up to where everything was received: keep it to resume in a later process. Null before the first connection. */
  readonly cursor: string | null;
  /** As it is now; `onConnection` tells each change. "ended" and "disconnected" before the first `connect`. */
  readonly connection: ConnectionState;
  /** Who is, or was last, connected; null before, and when the token does not say. */
  readonly userId: string | null;
  /**
   * Sends a message once, over any number of tries with one `clientMessageId`; messages of a conversation in the order
   * of the calls. Waits while there is no network. Tells `send.pending`, then `send.sent` or `send.failed`.
   * @throws what the server refuses it with; RangeError when `outboxCapacity` messages wait
   */
  send(input: SendInput): Promise<Message>;
  /** Listens to one type of event; each durable event comes once and in order. Answers how to stop. */
  on<T extends keyof (RealtimeEvents & SendEvents)>(type: T, listener: (event: EchoEvents[T]) => unknown): () => void;
  /** What was missed cannot be given (too long away, or the server was restored): list again, go on live. */
  onReset(listener: (event: RealtimeEvents["sync.reset"]) => unknown): () => void;
  /** Each change of the connection; `connection` is the present one. */
  onConnection(listener: (state: ConnectionState) => unknown): () => void;
  /**
   * The session ended: signed out, revoked, or its refresh token expired; in any tab, or somebody else signed in in
   * another one. What was not sent is given up.
   */
  onSignedOut(listener: () => unknown): () => void;
  /**
   * Opens the socket and keeps it open, resuming after whatever closes it. Resolves when events flow: list then, and
   * nothing between the list and the events is missed.
   * @param place a `cursor` of an earlier process
   * @throws a NETWORK error when it ends first: nobody is signed in, or `disconnect` was called
   */
  connect(place?: { cursor?: string | undefined }): Promise<void>;
  /** Closes the socket; `connect` resumes where it was. */
  disconnect(): void;
  /** Closes the socket for good. Messages that were not sent are given up, but for those in `outboxStorage`. */
  close(): void;
}
