export type { CoreConfig } from "./config.ts";
export type { Actor, Caller, Core } from "./core.ts";
export { createCoreHealth } from "./core-health.ts";
export { type CoreOverrides, createCore, stopCore } from "./create-core.ts";
export { openQueue, openQueueOperations, queueTopics } from "./open-queue.ts";
export type { AccessClaims, Audience, HashRequest, Keys, Passwords, Ports } from "./ports.ts";
export { type ProcessConfig, processConfigOf } from "./process-config.ts";
export {
  ConversationSignal,
  conversationChannel,
  type HubNodeSignal,
  hubNodesChannel,
  SessionsRevoked,
  sessionsChannel,
} from "./signals.ts";
