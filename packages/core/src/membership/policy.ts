import type { ConversationType, Role } from "@echo/contracts";
import type { Queryable } from "@echo/db";
import { badRequest, type EchoError, forbidden, notFound } from "@echo/platform";
import type { Actor } from "../core.ts";
import type { SeenConversation } from "./membership.ts";
import { findSeen } from "./repository.ts";

/** A conversation of strangers and one that does not exist are told in the same words. */
export const noConversation = (): EchoError => notFound("No such conversation");

/**
 * The conversation as this person sees it: a member, or a former one, who may read what was visible to them.
 * @throws EchoError NOT_FOUND
 */
export async function requireSeen(db: Queryable, actor: Actor, conversationId: string): Promise<SeenConversation> {
  const seen = await findSeen(db, conversationId, actor.userId);
  if (!seen) throw noConversation();
  return seen;
}

/**
 * The conversation for somebody who wants to change it. Inside a transaction, call it after the lock.
 * @throws EchoError NOT_FOUND; FORBIDDEN for a former member
 */
export async function requireMember(db: Queryable, actor: Actor, conversationId: string): Promise<SeenConversation> {
  const seen = await requireSeen(db, actor, conversationId);
  if (seen.leftAt) throw notAMember();
  return seen;
}

export const notAMember = (): EchoError => forbidden("You are no longer a member of this conversation");

/** The two of a direct conversation stay: nobody joins and nobody leaves. */
export function refuseDirect(type: ConversationType): void {
  if (type === "direct") throw badRequest("A direct conversation can be neither joined nor left");
}

export function requireManager(role: Role): void {
  if (role === "member") throw forbidden("Only the owner and admins may change who is a member");
}

/** The owner removes anyone, an admin members; a former member ranks as one. */
export function requireMayRemove(role: Role, target: Role): void {
  requireManager(role);
  if (role === "admin" && target !== "member") throw forbidden("Only the owner may remove an admin or the owner");
}

/** In a channel the owner and admins speak. */
export function maySpeak(type: ConversationType, role: Role): boolean {
  return type !== "channel" || role !== "member";
}
