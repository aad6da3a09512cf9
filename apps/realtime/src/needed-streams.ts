import type { Batch, LoggedEvent } from "@echo/core/event-log";

/** Who and what is local to a node. */
interface Locals {
  hasUser(id: string): boolean;
  hasConversation(id: string): boolean;
}

/** What of a range a node has to read. */
export type Needed = "everything" | ReadonlySet<string>;

/**
 * The named streams that somebody here has, or gets: by a join that is told on his own stream, whose event is among those
 * read. Who is named himself joins or leaves, so any stream of the range may become his.
 */
export function neededOf(
  locals: Locals,
  names: Pick<Batch, "streamIds" | "userIds"> | null,
  read: readonly LoggedEvent[] = [],
): Needed {
  if (names === null || names.userIds.some((id) => locals.hasUser(id))) return "everything";
  const joined = new Set(read.map(({ streamId, data }) => locals.hasUser(streamId) && data?.conversationId));
  return new Set(names.streamIds.filter((id) => locals.hasUser(id) || locals.hasConversation(id) || joined.has(id)));
}

export function isWithin(needed: Needed, read: Needed): boolean {
  if (read === "everything") return true;
  return needed !== "everything" && [...needed].every((id) => read.has(id));
}
