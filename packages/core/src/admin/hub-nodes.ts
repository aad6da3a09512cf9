import type { HubNode } from "@echo/contracts";
import type { Core } from "../core.ts";
import { HubNodeSignal, hubNodesChannel } from "../signals.ts";

/** Three of a node's words missed: it is gone. */
const forgetAfterMs = 15_000;

interface Heard {
  node: HubNode;
  atMs: number;
}

const heardBy = new WeakMap<Core, Map<string, Heard>>();

/** Listens to what realtime nodes tell of themselves, for as long as this process answers staff. Answers how to stop. */
export async function watchHubNodes(core: Core): Promise<() => Promise<void>> {
  const heard = new Map<string, Heard>();
  const subscription = await core.bus.subscribe(hubNodesChannel, (payload) => hear(core, heard, payload));
  heardBy.set(core, heard);
  return async () => {
    heardBy.delete(core);
    await subscription.unsubscribe();
  };
}

/** The nodes heard of lately, by name. */
export function heardHubNodes(core: Core): HubNode[] {
  const sinceMs = core.clock.monotonicMs() - forgetAfterMs;
  return [...(heardBy.get(core)?.values() ?? [])]
    .filter(({ atMs }) => atMs >= sinceMs)
    .map(({ node }) => node)
    .sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
}

function hear({ clock }: Core, heard: Map<string, Heard>, payload: unknown): void {
  const signal = HubNodeSignal.safeParse(payload);
  if (!signal.success) return; // of a newer version
  const { name, sockets, users, isLeaving } = signal.data;
  const nowMs = clock.monotonicMs();
  for (const [other, { atMs }] of heard) if (atMs < nowMs - forgetAfterMs) heard.delete(other);
  if (isLeaving) heard.delete(name);
  else heard.set(name, { node: { name, sockets, users, heardAt: clock.now().toISOString() }, atMs: nowMs });
}
