import type { ProcessKind } from "../stack/process-kinds.ts";
import type { Stack } from "../stack/stack.ts";
import { seededRandom } from "./random.ts";

const killsOfEachKind = 4;

export interface Kill {
  /** How many messages were acknowledged before it. */
  afterMessages: number;
  kind: ProcessKind;
  node: number;
}

/** Kill -9 of one api and one realtime process at random moments, several times, the same for the same seed. */
export function planChaos(messages: number, nodes: number, seed: number): Kill[] {
  const random = seededRandom(seed);
  const kinds: ProcessKind[] = ["api", "realtime"];
  return kinds
    .flatMap((kind) => Array.from({ length: killsOfEachKind }, () => kind))
    .map((kind) => ({
      kind,
      afterMessages: 1 + Math.floor(random() * Math.max(1, messages - 1)),
      node: Math.floor(random() * nodes),
    }))
    .sort((a, b) => a.afterMessages - b.afterMessages);
}

/** Answers the hook that the replay calls before each message. */
export function chaosOf(stack: Stack, kills: readonly Kill[]): (messages: number) => void {
  const waiting = [...kills];
  return (messages) => {
    while (waiting[0] && waiting[0].afterMessages <= messages) {
      const kill = waiting.shift();
      if (kill) stack.of(kill.kind)[kill.node]?.kill("SIGKILL");
    }
  };
}
