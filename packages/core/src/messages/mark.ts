import type { MarkInput, Watermarks } from "@echo/contracts";
import { badRequest, type EchoError, internal } from "@echo/platform";
import type { Actor, Core } from "../core.ts";
import { noConversation, notAMember } from "../membership/index.ts";
import { backgroundOf } from "./background.ts";
import type { Mark, MarkResult } from "./repository/marks.ts";

const refusals: Record<Exclude<MarkResult["status"], "MOVED" | "STALE">, () => EchoError> = {
  NOT_FOUND: noConversation,
  NOT_A_MEMBER: notAMember,
  FUTURE: () => badRequest("seq is above the conversation's lastSeq"),
};

/** Moves a watermark with the next batch; answers after the write, with where this reader stands. */
export async function mark(core: Core, actor: Actor, input: MarkInput & Pick<Mark, "kind">): Promise<Watermarks> {
  const { conversationId, seq, kind } = input;
  const { userId, sessionId: deviceId } = actor;
  const result = await backgroundOf(core).marks.add({ conversationId, userId, kind, seq, deviceId });
  const { status, lastDeliveredSeq, lastReadSeq } = result;
  if (status !== "MOVED" && status !== "STALE") throw refusals[status]();
  if (lastDeliveredSeq === null || lastReadSeq === null) throw internal("mark answered no watermarks");
  return { conversationId, userId, lastDeliveredSeq, lastReadSeq };
}
