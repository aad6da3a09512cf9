import type { Seat, WireName } from "../load/wires.ts";

/** A publish at a steady pace: each tick goes to the next room. */
export interface Plan {
  ticks: number;
  ticksPerSecond: number;
  eventsPerTick: number;
}

/** Whoever delivers events to sockets, up and waiting for its clients. */
export interface LiveServer {
  name: string;
  wire: WireName;
  ports: number[];
  /** The processes that hold the sockets: theirs alone is the CPU that counts. */
  socketPids: number[];
  /** One for each socket, the rooms in turn. */
  seats(): Promise<Seat[]>;
  /** Resolves when all is published; delivered it is when the sockets have it. */
  publish(plan: Plan): Promise<void>;
  /** Of a process that was started with the probe. */
  residentBytes(): Promise<number>;
  /** When the process had read what it then delivered, by the time of its sending; empty where that is the same. */
  readTimes(): Promise<Map<number, number>>;
  stop(): Promise<void>;
}

/** How many sockets, in how many rooms of the same size. */
export interface Audience {
  sockets: number;
  rooms: number;
}
