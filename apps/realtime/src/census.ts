import { hostname } from "node:os";
import { type HubNodeSignal, hubNodesChannel } from "@echo/core";
import type { Node } from "./node.ts";

/** Whoever shows nodes forgets one that was silent for three of these. */
const tellEveryMs = 5_000;

/**
 * Tells on the bus who is connected here, every 5 s and once more when the node goes. Answers how to stop.
 * @param address `host:port` of the public door
 */
export function startCensus(node: Node, address: string): () => Promise<void> {
  const name = address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, hostname());
  const tell = (isLeaving: boolean) => publish(node, { v: 1, name, ...countOf(node), isLeaving });
  let told = tell(false);
  const timer = setInterval(() => {
    told = tell(false);
  }, tellEveryMs);
  return async () => {
    clearInterval(timer);
    // One that is under way must not arrive behind the goodbye.
    await told;
    await tell(true);
  };
}

const countOf = ({ registry }: Node) => ({ sockets: registry.signedIn, users: registry.users });

/** Nobody waits for it, and the next one comes soon. */
async function publish({ core }: Node, signal: HubNodeSignal): Promise<void> {
  try {
    await core.bus.publish(hubNodesChannel, signal);
  } catch (error) {
    core.logger.debug("who is connected could not be told", { error });
  }
}
