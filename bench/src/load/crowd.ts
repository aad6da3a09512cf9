import { nowNs } from "../processes/pace.ts";
import type { OnFrame } from "./frame-walker.ts";
import { LoadSocket } from "./load-socket.ts";
import { findStamp } from "./stamp.ts";
import type { Seat, WireName } from "./wires.ts";

export interface OpenCrowd {
  wire: WireName;
  /** Sockets are spread over them. */
  ports: number[];
  seats: Seat[];
  /** How many open at a time. */
  concurrency: number;
  /** One in so many sockets reads the times in what it gets; 0: none. */
  sampleEvery: number;
}

const addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"];

export interface Arrival {
  sentNs: number;
  cameNs: number;
}

/** Many sockets of one server, and what they got. */
export class Crowd {
  events = 0;
  bytes = 0;
  /** What the sampled sockets read: when it was sent, as its text says, and when it came. */
  readonly arrivals: Arrival[] = [];
  #sockets: LoadSocket[] = [];
  #awaited: { events: number; resolve(): void } | null = null;

  /** Answers in how many milliseconds all of them were served. @throws Error when one was refused */
  async open({ wire, ports, seats, concurrency, sampleEvery }: OpenCrowd): Promise<number> {
    const startedMs = performance.now();
    const queue = seats.entries();
    const openSome = async (): Promise<void> => {
      for (const [index, seat] of queue) {
        const port = ports[index % ports.length] ?? 0;
        const localAddress = addresses[index % addresses.length] ?? "127.0.0.1";
        const isSampled = sampleEvery > 0 && index % sampleEvery === 0;
        const onEvent = isSampled ? this.#sample : this.#count;
        const socket = new LoadSocket({ wire, port, seat, localAddress, keep: false, onEvent });
        this.#sockets.push(socket);
        await socket.ready;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, openSome));
    return performance.now() - startedMs;
  }

  /** Resolves when so many events came since the last reset. */
  async until(events: number, withinMs: number): Promise<void> {
    if (this.events >= events) return;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => {
        const gone = this.#sockets.filter((socket) => socket.isGone).length;
        reject(
          new Error(`${this.events} of ${events} deliveries came within ${withinMs} ms; ${gone} sockets are gone`),
        );
      }, withinMs);
      this.#awaited = {
        events,
        resolve() {
          clearTimeout(late);
          resolve();
        },
      };
    });
  }

  reset(): void {
    this.events = 0;
    this.bytes = 0;
    this.arrivals.length = 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets = [];
  }

  readonly #count: OnFrame = (bytes) => {
    this.events += 1;
    this.bytes += bytes;
    if (this.#awaited && this.events >= this.#awaited.events) this.#arrive();
  };

  readonly #sample: OnFrame = (bytes, chunk, at) => {
    const sentNs = at.isWhole ? findStamp(chunk, at.start, at.end) : null;
    if (sentNs !== null) this.arrivals.push({ sentNs, cameNs: nowNs() });
    this.#count(bytes, chunk, at);
  };

  #arrive(): void {
    this.#awaited?.resolve();
    this.#awaited = null;
  }
}
