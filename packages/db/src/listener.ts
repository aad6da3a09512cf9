import pg from "pg";
import type { Listener, ListenHandlers } from "./db.ts";
import { DbError, toDbError } from "./db-error.ts";
import type { Log } from "./log.ts";

export interface ListenerOptions {
  url: string;
  applicationName: string;
  log: Log;
}

const connectMs = 5_000;
/** A connection that died without a word is found within twice this. */
const probeMs = 5_000;
const firstRetryMs = 50;
const maxRetryMs = 2_000;

/** @throws DbError when the first connection fails; later losses are mended in the background. */
export async function openListener(options: ListenerOptions, handlers: ListenHandlers): Promise<Listener> {
  const listener = new ReconnectingListener(options, handlers);
  await listener.open();
  return listener;
}

class ReconnectingListener implements Listener {
  readonly #options: ListenerOptions;
  readonly #handlers: ListenHandlers;
  readonly #channels = new Set<string>();
  #client: pg.Client | undefined;
  #probe: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ListenerOptions, handlers: ListenHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      throw toDbError(error);
    }
  }

  async listen(channel: string): Promise<void> {
    await this.#run(`LISTEN ${pg.escapeIdentifier(channel)}`);
    this.#channels.add(channel);
  }

  async unlisten(channel: string): Promise<void> {
    this.#channels.delete(channel);
    if (this.#client) await this.#run(`UNLISTEN ${pg.escapeIdentifier(channel)}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#probe);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #run(text: string): Promise<void> {
    if (!this.#client) throw new DbError("unavailable", "The listening connection is away");
    try {
      await this.#client.query(text);
    } catch (error) {
      throw toDbError(error);
    }
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: this.#options.applicationName,
      connectionTimeoutMillis: connectMs,
      query_timeout: probeMs,
      keepAlive: true,
    });
    client.on("error", (error) => this.#lose(client, error.message));
    client.on("end", () => this.#lose(client, "the server closed it"));
    client.on("notification", ({ channel, payload = "" }) => this.#handlers.onNotification({ channel, payload }));
    try {
      await client.connect();
      for (const channel of this.#channels) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      destroy(client);
      throw error;
    }
    // Closed, or lost again, while it connected.
    if (this.#closed) return client.end();
    this.#client = client;
    this.#probe = setInterval(() => void this.#check(client), probeMs);
  }

  async #check(client: pg.Client): Promise<void> {
    try {
      await client.query("SELECT 1");
    } catch (error) {
      this.#lose(client, String(error));
    }
  }

  #lose(client: pg.Client, reason: string): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    clearInterval(this.#probe);
    destroy(client);
    this.#options.log("warn", "the listening database connection was lost", { reason });
    this.#reconnectAfter(firstRetryMs);
  }

  #reconnectAfter(waitMs: number): void {
    this.#retry = setTimeout(() => void this.#reconnect(waitMs), waitMs);
  }

  async #reconnect(waitMs: number): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#connect();
    } catch {
      // Said once, when it was lost.
      if (!this.#closed) this.#reconnectAfter(Math.min(waitMs * 2, maxRetryMs));
      return;
    }
    if (this.#closed) return;
    this.#options.log("info", "the listening database connection is back");
    this.#handlers.onReconnect();
  }
}

/** Without goodbye: the peer may be gone, and an answer would never come. */
function destroy(client: pg.Client): void {
  client.connection.stream.destroy();
}
