import type { Clock } from "../clock/clock.ts";
import { unavailable } from "../errors.ts";
import { withTimeout } from "../time/with-timeout.ts";
import type { Message } from "./packet.ts";
import type { BusTransport } from "./transport.ts";

/** No channel of a caller can be called so. */
const heartbeatChannel = (publisher: string) => `$heartbeat:${publisher}`;
const heartbeatMs = 1_000;
const pingTimeoutMs = 2_000;
/** After so long a silence the connection that hears is opened anew, and once more after each such time. */
const reviveMs = 2_500;

/** One transport as its process hears itself over it: a beat each second, and when it was last heard. */
export class Lane {
  readonly #clock: Clock;
  readonly #channel: string;
  readonly #pings = new Map<unknown, () => void>();
  #transport: BusTransport | null = null;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #revivedAtMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor({ publisher, clock }: { publisher: string; clock: Clock }) {
    this.#clock = clock;
    this.#channel = heartbeatChannel(publisher);
    this.#revivedAtMs = clock.monotonicMs();
  }

  /** @throws EchoError UNAVAILABLE before the start */
  get transport(): BusTransport {
    if (this.#transport) return this.#transport;
    throw unavailable("The bus is not open yet");
  }

  async start(transport: BusTransport): Promise<void> {
    this.#transport = transport;
    await this.transport.follow(this.#channel);
    this.#timer = setInterval(() => this.#beat(), heartbeatMs);
    this.#beat();
  }

  /** Takes what is this lane's own; answers whether it was. */
  take({ channel, payload }: Message): boolean {
    if (!channel.startsWith("$")) return false;
    if (channel === this.#channel) {
      this.#heardAtMs = this.#clock.monotonicMs();
      this.#pings.get(payload)?.();
    }
    return true;
  }

  ageMs(): number {
    return this.#clock.monotonicMs() - this.#heardAtMs;
  }

  /** @throws EchoError UNAVAILABLE */
  async ping(): Promise<number> {
    const startedMs = this.#clock.monotonicMs();
    const id = crypto.randomUUID();
    const heard = new Promise<void>((resolve) => this.#pings.set(id, resolve));
    try {
      await this.#say(JSON.stringify(id));
      await withTimeout(heard, pingTimeoutMs, "not heard");
      return this.#clock.monotonicMs() - startedMs;
    } catch (cause) {
      throw unavailable(`The bus does not hear what it publishes by ${this.transport.driver.name}`, cause);
    } finally {
      this.#pings.delete(id);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #say(json: string): Promise<void> {
    return this.transport.send([{ channel: this.#channel, serial: 0, json }]);
  }

  #beat(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.ageMs() > reviveMs && nowMs - this.#revivedAtMs > reviveMs) {
      this.#revivedAtMs = nowMs;
      this.transport.revive();
    }
    // One that cannot be sent is one that is not heard: its age tells.
    this.#say("0").catch(() => undefined);
  }
}
