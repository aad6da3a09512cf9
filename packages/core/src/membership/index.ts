export { addMembers } from "./add-members.ts";
export { emit } from "./emit.ts";
export { leaveConversation } from "./leave-conversation.ts";
export { listMembers } from "./list-members.ts";
export {
  endOf,
  type Membership,
  maxGroupMembers,
  parseSpans,
  type SeenConversation,
  type Span,
} from "./membership.ts";
export { maySpeak, noConversation, notAMember, requireMember, requireSeen } from "./policy.ts";
export { removeMember } from "./remove-member.ts";
export { findMemberships, isVisible, lockConversation, openSpans } from "./repository.ts";
export { tellJoiners } from "./tell-joiners.ts";
