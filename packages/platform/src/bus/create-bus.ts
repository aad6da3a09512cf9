import type { Clock } from "../clock/clock.ts";
import type { DriverFacts } from "../drivers/driver-facts.ts";
import { internal, payloadTooLarge, unavailable } from "../errors.ts";
import type { Logger } from "../logger/logger.ts";
import type { Bus, Subscription } from "./bus.ts";
import { byChannel } from "./by-channel.ts";
import { Lane } from "./lane.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { type EncodedMessage, fromPacket, maxMessageBytes } from "./packet.ts";
import { createRepeatFilter } from "./repeat-filter.ts";
import { createRouter, type Router } from "./router.ts";
import type { OpenTransport } from "./transport.ts";

export interface BusOptions {
  /** The first one that takes a message carries it. */
  transports: readonly [OpenTransport, ...OpenTransport[]];
  logger: Logger;
  clock: Clock;
  /** Messages that wait for a transport at most; one more is UNAVAILABLE. Default 10,000. */
  maxQueued?: number;
}

/**
 * One bus over one or more transports. Everybody hears all of them and publishes on the first that works; a message that
 * may have gone out on one goes out on the next, too, and whoever heard it drops the repeat by its number.
 * @throws EchoError UNAVAILABLE when a transport cannot be opened
 */
export async function createBus({ transports, ...options }: BusOptions): Promise<Bus> {
  const bus = new TransportBus(options);
  try {
    for (const transport of transports) await bus.open(transport);
    return faceOf(bus);
  } catch (error) {
    await bus.close();
    throw error;
  }
}

/** An object of its own calls, so that whoever stands in for one of them keeps the others. */
function faceOf(bus: TransportBus): Bus {
  return {
    driver: bus.driver,
    maxPayloadBytes: maxMessageBytes,
    publish: (channel, payload) => bus.publish(channel, payload),
    subscribe: (channel, onMessage) => bus.subscribe(channel, onMessage),
    onReconnect: (listener) => bus.onReconnect(listener),
    heartbeatAgeMs: () => bus.heartbeatAgeMs(),
    ping: () => bus.ping(),
    close: () => bus.close(),
  };
}

class TransportBus {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #publisher = crypto.randomUUID();
  readonly #router: Router;
  readonly #outbox: Outbox;
  readonly #isNews = createRepeatFilter();
  readonly #lanes: Lane[] = [];
  readonly #reconnectListeners = new Set<() => void>();
  #serial = 0;
  #isClosed = false;

  constructor({ logger, clock, maxQueued = 10_000 }: Omit<BusOptions, "transports">) {
    this.#logger = logger;
    this.#clock = clock;
    this.#router = createRouter(logger);
    this.#outbox = createOutbox({ send: (messages) => this.#send(messages), maxQueued });
  }

  async open(openTransport: OpenTransport): Promise<void> {
    const lane: Lane = new Lane({ publisher: this.#publisher, clock: this.#clock });
    const transport = await openTransport({
      publisher: this.#publisher,
      onPacket: (text) => this.#take(lane, text),
      onReconnect: () => this.#tellReconnect(),
    });
    this.#lanes.push(lane);
    await lane.start(transport);
  }

  get driver(): DriverFacts {
    const [lane] = this.#lanes;
    if (!lane) throw unavailable("The bus is not open");
    return lane.transport.driver;
  }

  async publish(channel: string, payload: unknown): Promise<void> {
    await this.#outbox.add({ channel: checked(channel), json: encode(payload) });
  }

  async subscribe(channel: string, onMessage: (payload: unknown) => void): Promise<Subscription> {
    if (this.#isClosed) throw unavailable("The bus is closed");
    const end = this.#router.add(checked(channel), onMessage);
    await Promise.all(this.#lanes.map(({ transport }) => transport.follow(channel)));
    return {
      unsubscribe: async () => {
        end();
        if (this.#router.has(channel)) return;
        for (const { transport } of this.#lanes) transport.unfollow(channel);
      },
    };
  }

  onReconnect(listener: () => void): () => void {
    const entry = () => listener();
    this.#reconnectListeners.add(entry);
    return () => void this.#reconnectListeners.delete(entry);
  }

  /** Of the lane that was silent longest: what others publish may come by any of them. */
  heartbeatAgeMs(): number {
    return Math.max(...this.#lanes.map((lane) => lane.ageMs()));
  }

  async ping(): Promise<number> {
    const [first = 0] = await Promise.all(this.#lanes.map((lane) => lane.ping()));
    return first;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const lane of this.#lanes) lane.stop();
    this.#router.clear();
    this.#reconnectListeners.clear();
    await this.#outbox.close();
    await Promise.all(this.#lanes.map(({ transport }) => transport.close()));
  }

  /** Numbered once, whichever transport takes it in the end; in the order in which one with channels of its own sends it. */
  async #send(messages: readonly EncodedMessage[]): Promise<void> {
    const ordered = [...byChannel(messages).values()].flat();
    const before = this.#serial;
    const numbered = ordered.map((message, index) => ({ ...message, serial: before + 1 + index }));
    this.#serial += numbered.length;
    let fault: unknown;
    for (const { transport } of this.#lanes) {
      try {
        return await transport.send(numbered);
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  #take(lane: Lane, text: string): void {
    const packet = fromPacket(text);
    if (packet === null) {
      this.#logger.warn("dropped a malformed record from the bus", { characters: text.length });
      return;
    }
    for (const message of packet.messages) {
      if (!lane.take(message) && this.#isNews(packet.publisher, message)) this.#router.deliver(message);
    }
  }

  #tellReconnect(): void {
    for (const listener of this.#reconnectListeners) {
      try {
        listener();
      } catch (error) {
        this.#logger.error("a listener of the bus's reconnects threw", { error });
      }
    }
  }
}

function checked(channel: string): string {
  if (!/^[A-Za-z0-9:_.-]{1,64}$/.test(channel)) throw new RangeError(`"${channel}" cannot be a channel`);
  return channel;
}

function encode(payload: unknown): string {
  const json = JSON.stringify(payload);
  if (json === undefined) throw internal("A message of the bus must be JSON");
  const bytes = Buffer.byteLength(json);
  if (bytes > maxMessageBytes) throw payloadTooLarge(`A message of ${bytes} bytes is over ${maxMessageBytes}`);
  return json;
}
