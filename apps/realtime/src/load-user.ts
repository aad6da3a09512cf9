import { loadMemberships } from "@echo/core/sync";
import type { LocalUser } from "./hub.ts";
import type { Node } from "./node.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Reads a user's memberships into the hub, once for all his sockets. Whether they are there afterwards is for the caller
 * to see: the hub may have been reset meanwhile.
 */
export function loadUser(node: Node, user: LocalUser<Subscription>): Promise<void> {
  const loading = node.loading.get(user) ?? read(node, user).finally(() => node.loading.delete(user));
  node.loading.set(user, loading);
  return loading;
}

async function read({ core, hub }: Node, user: LocalUser<Subscription>): Promise<void> {
  const { generation } = hub;
  const memberships = await loadMemberships(core, user.id);
  if (generation === hub.generation && user.holders > 0) hub.load(user, memberships);
}
