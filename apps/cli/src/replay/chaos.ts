import type { ProcessKind } from "../stack/process-kinds.ts";
import { seededRandom } from "./random.ts";

const killsOfEachKind = 4;
const kafkaAwayMs = 60_000;

/** What is done to the system at one moment. */
export type Blow = {
  /** How many messages were acknowledged before it. */
  afterMessages: number;
} & (
  | { does: "kill"; kind: ProcessKind; node: number }
  | { does: "freeze redis" }
  | { does: "stop redis"; forMs: number }
  | { does: "restart postgresql" }
  | { does: "stop kafka"; forMs: number }
);

export interface ChaosOptions {
  messages: number;
  nodes: number;
  seed: number;
  /** Redis, PostgreSQL and Kafka get their blows, too. */
  withServices: boolean;
}

/** At random moments, the same for the same seed: kill -9 of processes, and each service away once. */
export function planChaos({ messages, nodes, seed, withServices }: ChaosOptions): Blow[] {
  const random = seededRandom(seed);
  const moment = () => 1 + Math.floor(random() * Math.max(1, messages - 1));
  const kinds: ProcessKind[] = ["api", "realtime", "worker"];
  const kills = kinds
    .flatMap((kind) => Array.from({ length: killsOfEachKind }, () => kind))
    .map((kind): Blow => ({ afterMessages: moment(), does: "kill", kind, node: Math.floor(random() * nodes) }));
  const ofServices: Blow[] = withServices
    ? [
        { afterMessages: moment(), does: "freeze redis" },
        { afterMessages: moment(), does: "restart postgresql" },
        { afterMessages: moment(), does: "stop kafka", forMs: kafkaAwayMs },
      ]
    : [];
  return [...kills, ...ofServices].sort((a, b) => a.afterMessages - b.afterMessages);
}

/** For the person who watches, and for whoever repeats the run. */
export function describeBlow(blow: Blow): string {
  const what = blow.does === "kill" ? `${blow.kind}-${blow.node + 1} killed` : `${blow.does}`;
  return `${what} after ${blow.afterMessages}`;
}

/** Answers the hook that the replay calls before each message. */
export function chaosOf(blows: readonly Blow[], strike: (blow: Blow) => void): (messages: number) => void {
  const waiting = [...blows];
  return (messages) => {
    while (waiting[0] && waiting[0].afterMessages <= messages) {
      const blow = waiting.shift();
      if (blow) strike(blow);
    }
  };
}
