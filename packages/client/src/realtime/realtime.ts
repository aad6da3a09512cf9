import type { RealtimeEvent } from "@echo/contracts";
import { backoffMs } from "../backoff.ts";
import { errorCode, networkError } from "../errors.ts";
import type { Token, TokenSource } from "../tokens/token-source.ts";
import type { UrlList } from "../url-list.ts";
import { closeMeaning } from "./close-codes.ts";
import { Connection } from "./connection.ts";
import type { WebSocketConstructor } from "./web-socket-like.ts";

/** Why no further attempt is made. */
export type EndReason = "signedOut" | "revoked" | "disconnected";

/** How it stands with the one connection, and what comes next. */
export type ConnectionState =
  | { state: "connecting"; url: string }
  /** Events flow. */
  | { state: "connected"; connectionId: string }
  /** `closeCode` null: no connection was begun, and `error` says why. */
  | { state: "waiting"; retryInMs: number; closeCode: number | null; error?: unknown }
  | { state: "ended"; reason: EndReason };

interface RealtimeOptions {
  urls: UrlList;
  tokens: TokenSource;
  WebSocket: WebSocketConstructor;
  onEvent(event: RealtimeEvent): void;
  onState(state: ConnectionState): void;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** setTimeout's own bound; longer ones would fire at once. */
const maxTimerMs = 2 ** 31 - 1;
/** A socket over the user's limit, or one whose frames are refused, has no better luck soon. */
const backOffAttempt = 4;

/** Keeps one connection alive over all that happens to it, and resumes where it was. */
export class Realtime {
  readonly #options: RealtimeOptions;
  #connection: Connection | null = null;
  #isWanted = false;
  #isReady = false;
  /** Counts starts and stops: what was begun before the last one is void. */
  #generation = 0;
  #attempt = 0;
  #cursor: string | null = null;
  /** The place to resume from was refused. */
  #isLost = false;
  #token: Token | null = null;
  #refusedToken: string | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #renewTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #waiters = new Set<Waiter>();
  #state: ConnectionState = { state: "ended", reason: "disconnected" };

  constructor(options: RealtimeOptions) {
    this.#options = options;
  }

  /** Up to where everything was given: to resume from in another process. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Of the token that the connection was made with. */
  get userId(): string | null {
    return this.#token?.userId ?? null;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Begins, unless it has. */
  start(cursor?: string): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#attempt = 0;
    if (cursor !== undefined) this.#cursor = cursor;
    void this.#connect();
  }

  /** Ends. The cursor is kept, so that a later start resumes. */
  stop(reason: EndReason): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    this.#drop();
    this.#become({ state: "ended", reason });
    for (const waiter of this.#waiters) waiter.reject(networkError(`Not connected: ${reason}`));
    this.#waiters.clear();
  }

  /** Begins anew for somebody else, who has another place in the log. */
  restart(): void {
    this.#cursor = null;
    this.#token = null;
    if (!this.#isWanted) return;
    this.#drop();
    void this.#connect();
  }

  /** Does not wait for the next try: the network is back. */
  wake(): void {
    if (this.#retryTimer === undefined) return;
    clearTimeout(this.#retryTimer);
    void this.#connect();
  }

  /** Resolves once events flow. @throws when it ends first */
  ready(timeoutMs?: number): Promise<void> {
    if (this.#isReady) return Promise.resolve();
    if (!this.#isWanted) return Promise.reject(networkError("Not connected"));
    return new Promise<void>((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.add(waiter);
      if (timeoutMs === undefined) return;
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(networkError("Not connected in time"));
      }, timeoutMs);
      const settle = (end: () => void) => {
        clearTimeout(timer);
        end();
      };
      waiter.resolve = () => settle(resolve);
      waiter.reject = (error) => settle(() => reject(error));
    });
  }

  /** Calls a procedure on the socket. @throws what the server answers, or a NETWORK error */
  async call(op: { type: string; path: string; input: unknown }): Promise<unknown> {
    const connection = await this.#connected();
    try {
      return await connection.call(op);
    } catch (error) {
      // Each of the socket's procedures may be carried out twice, so what went down with a connection is asked on the next.
      if (errorCode(error) !== "NETWORK" || connection === this.#connection) throw error;
      return (await this.#connected()).call(op);
    }
  }

  async #connected(): Promise<Connection> {
    await this.ready(10_000);
    if (!this.#connection) throw networkError("Not connected");
    return this.#connection;
  }

  #become(state: ConnectionState): void {
    this.#state = state;
    this.#options.onState(state);
  }

  #drop(): void {
    this.#generation += 1;
    this.#isReady = false;
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#renewTimer);
    this.#retryTimer = undefined;
    const connection = this.#connection;
    this.#connection = null;
    connection?.abandon();
  }

  async #connect(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#retryTimer = undefined;
    const { urls, tokens, WebSocket } = this.#options;
    const url = urls.current;
    this.#become({ state: "connecting", url });
    try {
      const token = await (this.#refusedToken === null ? tokens.current() : tokens.renew(this.#refusedToken));
      if (generation !== this.#generation) return;
      if (!token) return this.stop("signedOut");
      this.#token = token;
      this.#refusedToken = null;
      const isCurrent = () => generation === this.#generation;
      this.#connection = new Connection({
        url,
        token: token.accessToken,
        cursor: this.#cursor,
        WebSocket,
        onEvent: (place, event) => void (isCurrent() && this.#receive(place, event)),
        onRefused: (error) => void (isCurrent() && this.#refused(error)),
        onClose: (code) => void (isCurrent() && this.#closed(url, code)),
      });
    } catch (error) {
      if (generation === this.#generation) this.#retry({ closeCode: null, error });
    }
  }

  #receive(place: string, event: RealtimeEvent): void {
    this.#cursor = place;
    if (event.type !== "connection.ack") {
      this.#options.onEvent(event);
      return;
    }
    this.#attempt = 0;
    this.#isReady = true;
    this.#scheduleRenewal();
    this.#become({ state: "connected", connectionId: event.data.connectionId });
    this.#options.onEvent(event);
    if (this.#isLost) this.#options.onEvent({ type: "sync.reset", at: event.at, data: { cursor: place } });
    this.#isLost = false;
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
  }

  /** A place that the server cannot read is no place: begin live, and say so. */
  #refused(error: unknown): void {
    if (errorCode(error) === "BAD_REQUEST" && this.#cursor !== null) {
      this.#cursor = null;
      this.#isLost = true;
    }
    this.#connection?.abandon();
  }

  #closed(url: string, code: number): void {
    this.#connection = null;
    this.#isReady = false;
    clearTimeout(this.#renewTimer);
    const meaning = closeMeaning(code);
    if (meaning === "end") {
      this.stop("revoked");
      return;
    }
    if (meaning === "renew") this.#refusedToken = this.#token?.accessToken ?? null;
    else this.#options.urls.failed(url);
    if (meaning === "back-off") this.#attempt = Math.max(this.#attempt, backOffAttempt * this.#options.urls.size);
    this.#retry({ closeCode: code });
  }

  #retry(why: { closeCode: number | null; error?: unknown }): void {
    // Each address gets its turn before the wait grows.
    const retryInMs = backoffMs(Math.floor(this.#attempt / this.#options.urls.size));
    this.#attempt += 1;
    this.#become({ state: "waiting", retryInMs, ...why });
    this.#retryTimer = setTimeout(() => void this.#connect(), retryInMs);
  }

  #scheduleRenewal(afterMs = (this.#token?.staleAt ?? 0) - Date.now()): void {
    clearTimeout(this.#renewTimer);
    if (afterMs === Number.POSITIVE_INFINITY) return;
    this.#renewTimer = setTimeout(() => void this.#renew(), Math.min(Math.max(afterMs, 1_000), maxTimerMs));
  }

  /** Shows the next token before the present one ends; a refusal leads to a connection with the next one. */
  async #renew(): Promise<void> {
    const connection = this.#connection;
    const generation = this.#generation;
    try {
      const token = await this.#options.tokens.current();
      if (!token || generation !== this.#generation) return;
      if (token.accessToken !== this.#token?.accessToken) {
        await connection?.call({ type: "mutation", path: "auth.renew", input: { token: token.accessToken } });
        this.#token = token;
      }
      if (generation === this.#generation) this.#scheduleRenewal();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (errorCode(error) === "NETWORK") this.#scheduleRenewal(5_000);
      else connection?.abandon();
    }
  }
}
