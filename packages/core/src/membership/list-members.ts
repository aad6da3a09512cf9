import type { ListMembersInput, MemberPage } from "@echo/contracts";
import type { Actor, Core } from "../core.ts";
import { formatPlace, parsePlace } from "../page-cursor.ts";
import { findProfiles } from "../users/index.ts";
import { endOf } from "./membership.ts";
import { requireSeen } from "./policy.ts";
import { listMembers as listParticipants } from "./repository.ts";
import { toMembers } from "./to-members.ts";

/** Members in the order of their joining; a former member gets those of the moment that they left. */
export async function listMembers(core: Core, actor: Actor, input: ListMembersInput): Promise<MemberPage> {
  const after = parsePlace(input.cursor);
  const { conversationId, userId, spans } = await requireSeen(core.db, actor, input.conversationId);
  const end = endOf(spans);
  const viewer = { conversationId, userId, lastEventSeq: end === null ? null : end - 1 };
  const rows = await listParticipants(core.db, viewer, { after, limit: input.limit + 1 });
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  const hasMore = rows.length > page.length;
  const profiles = await findProfiles(
    core,
    page.map((row) => row.userId),
  );
  return {
    items: toMembers(page, profiles),
    nextCursor: hasMore && last ? formatPlace({ at: last.joinedAt, id: last.userId }) : null,
  };
}
