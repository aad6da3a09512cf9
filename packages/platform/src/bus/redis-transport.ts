import { Redis } from "ioredis";
import type { Logger } from "../logger/logger.ts";
import type { RedisConnection } from "../redis/redis-connection.ts";
import { clientOptions, type RedisOptions } from "../redis/redis-options.ts";
import { withTimeout } from "../time/with-timeout.ts";
import { byChannel } from "./by-channel.ts";
import { type NumberedMessage, toPackets } from "./packet.ts";
import type { BusTransport, OpenTransport, TransportHandlers } from "./transport.ts";

interface RedisTransportOptions {
  /** What is published goes this way. */
  connection: RedisConnection;
  /** Of the connection that hears. */
  redis: RedisOptions;
  /** Begins every channel; pub/sub knows no databases, so it names the one of the URL. */
  prefix: string;
  logger: Logger;
}

/** A start, and a subscriber, wait so long for a server that is away. */
const waitMs = 200;

/** Redis' pub/sub: each of our channels is one of the server's, so a process hears only what it follows. */
export function redisTransport(options: RedisTransportOptions): OpenTransport {
  return async (handlers) => {
    const transport = new RedisTransport(options, handlers);
    await transport.start();
    return transport;
  };
}

class RedisTransport implements BusTransport {
  readonly driver = { name: "redis", isShared: true } as const;
  readonly #options: RedisTransportOptions;
  readonly #subscriber: Redis;
  readonly #publisher: string;
  readonly #followed = new Set<string>();
  #marks = 0;

  constructor(options: RedisTransportOptions, { publisher, onPacket, onReconnect }: TransportHandlers) {
    this.#options = options;
    this.#publisher = publisher;
    this.#subscriber = new Redis(options.redis.url, clientOptions(options.redis));
    // What it says is said by the connection that publishes, too.
    this.#subscriber.on("error", () => undefined);
    this.#subscriber.on("message", (_channel: string, text: string) => onPacket(text));
    options.connection.onReplica(() => this.revive());
    this.#subscriber.on("ready", () => void this.#followAgain(onReconnect));
  }

  async start(): Promise<void> {
    await withTimeout(this.#subscriber.connect(), waitMs, "not yet").catch(() => undefined);
  }

  async send(messages: readonly NumberedMessage[]): Promise<void> {
    const { connection } = this.#options;
    const publisher = this.#publisher;
    const mark = () => (this.#marks += 1);
    const packets = [...byChannel(messages)].flatMap(([channel, mine]) =>
      toPackets(mine, { publisher, mark }).map((packet) => [this.#nameOf(channel), packet] as const),
    );
    await connection.run((redis) => Promise.all(packets.map(([name, packet]) => redis.publish(name, packet))));
  }

  async follow(channel: string): Promise<void> {
    const name = this.#nameOf(channel);
    this.#followed.add(name);
    if (this.#subscriber.status !== "ready") return;
    // One that fails now is made good by the next connection.
    await withTimeout(this.#subscriber.subscribe(name), waitMs, "not yet").catch(() => undefined);
  }

  unfollow(channel: string): void {
    const name = this.#nameOf(channel);
    this.#followed.delete(name);
    this.#subscriber.unsubscribe(name).catch(() => undefined);
  }

  revive(): void {
    if (["ready", "connect"].includes(this.#subscriber.status)) this.#subscriber.disconnect(true);
  }

  async close(): Promise<void> {
    this.#followed.clear();
    this.#subscriber.disconnect();
  }

  async #followAgain(onReconnect: () => void): Promise<void> {
    try {
      if (this.#followed.size > 0) await this.#subscriber.subscribe(...this.#followed);
      onReconnect();
    } catch (error) {
      this.#options.logger.debug("channels could not be followed; the next connection will", { error });
    }
  }

  #nameOf(channel: string): string {
    return `${this.#options.prefix}:${channel}`;
  }
}
