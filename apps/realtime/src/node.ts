import type { Core } from "@echo/core";
import { isFor } from "@echo/core/sync";
import type { RealtimeConfig } from "./config.ts";
import { Gate } from "./gate.ts";
import { Hub, type Judge, type LocalUser } from "./hub.ts";
import { Registry } from "./registry.ts";
import { TickWriter } from "./socket-writer.ts";
import type { PreparedDelivery, Subscription } from "./subscription.ts";

/** docs/from-the-design.md: sockets that attach at once. */
const maxAttaching = 256;
const defaultRingSize = 1_024;

/** For tests. */
export interface Overrides {
  /** Plants a fault: decides, instead of the rule of spans that it is given, what a person receives. */
  judge?: (judge: Judge) => Judge;
  /** How many of the last deliveries the hub keeps for those who attach. */
  ringSize?: number;
}

type RealtimeHub = Hub<Subscription, PreparedDelivery>;

/** What the parts of one realtime process share. */
export interface Node {
  readonly core: Core;
  readonly config: RealtimeConfig;
  readonly hub: RealtimeHub;
  readonly registry: Registry;
  readonly tick: TickWriter;
  readonly attaching: Gate;
  /** Memberships that are being read; a person's sockets share one reading. */
  readonly loading: Map<LocalUser<Subscription>, Promise<void>>;
}

interface NodeOptions {
  core: Core;
  config: RealtimeConfig;
  overrides: Overrides;
  onConversation(conversationId: string, isHere: boolean): void;
}

export function createNode({ core, config, overrides, onConversation }: NodeOptions): Node {
  const { ringSize = defaultRingSize } = overrides;
  const judge = overrides.judge?.(isFor) ?? isFor;
  return {
    core,
    config,
    hub: new Hub({ judge, ringSize, onConversation }),
    registry: new Registry(),
    tick: new TickWriter(),
    attaching: new Gate(maxAttaching, config.timings.attachWaitMs),
    loading: new Map(),
  };
}

/** Where this node stands in the log, as clients keep it. */
export const placeOf = ({ hub }: Node, position = hub.position): string => `${hub.epoch}.${position}`;
