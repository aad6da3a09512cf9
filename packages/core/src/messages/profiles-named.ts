import type { Message, Profile } from "@echo/contracts";
import type { Core } from "../core.ts";
import { findProfiles } from "../users/index.ts";

/** Profiles of everyone whom these messages name: senders, who is quoted, who is mentioned. */
export async function profilesNamed(core: Core, messages: readonly Message[]): Promise<Profile[]> {
  const named = messages.flatMap(({ senderId, replyTo, mentions }) => [
    senderId,
    replyTo?.senderId ?? null,
    ...mentions.map((mention) => mention.userId),
  ]);
  const userIds = named.filter((id) => id !== null).filter((id) => id !== "all");
  return [...(await findProfiles(core, userIds)).values()];
}
