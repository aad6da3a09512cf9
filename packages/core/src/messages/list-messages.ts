import type { ListMessagesInput, MessagePage } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { requireSeen } from "../membership/index.ts";
import { cut, reachOf } from "./anchor.ts";
import { findWindows } from "./find-windows.ts";
import { profilesNamed } from "./profiles-named.ts";
import { listMessagesAround } from "./repository/page.ts";
import { toMessage } from "./to-message.ts";

/** A page of history, as far as the caller may see it, in the order of seq. */
export async function listMessages(core: Core, actor: Actor, input: ListMessagesInput): Promise<MessagePage> {
  const seen = await requireSeen(core.db, actor, input.conversationId);
  const [windows = []] = await findWindows(core.db, [seen]);
  const rows = await listMessagesAround(core.db, { ...seen, windows }, reachOf(input));
  const { page, ...more } = cut(rows, input);
  const items = page.map(toMessage);
  return { items, profiles: await profilesNamed(core, items), ...more };
}
