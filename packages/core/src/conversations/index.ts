export { createConversation } from "./create-conversation.ts";
export { getConversation } from "./get-conversation.ts";
export { listConversations } from "./list-conversations.ts";
