import * as contracts from "../index.ts";
import { id, pair, type Row, sized } from "./row.ts";

export const conversations: Record<string, Row> = {
  CreateConversationInput: {
    schema: contracts.CreateConversationInput,
    good: [
      { type: "group" },
      { type: "direct", memberIds: [id] },
      { type: "direct", usernames: ["ada"] },
      { type: "channel", title: pair.repeat(200), historyVisibility: "since_join", metadata: { a: 1 } },
    ],
    required: ["type"],
    bad: [
      { type: "room" },
      { type: "direct", memberIds: [id], title: "us" },
      { type: "direct", memberIds: [id], metadata: {} },
      { type: "direct", memberIds: [id], historyVisibility: "all" },
      { type: "group", title: "" },
      { type: "group", title: pair.repeat(201) },
      { type: "group", memberIds: id },
      { type: "group", memberIds: ["ada"] },
      { type: "group", usernames: ["a!"] },
      { type: "group", historyVisibility: "none" },
      { type: "group", metadata: sized(4_097) },
    ],
  },
  ListConversationsInput: {
    schema: contracts.ListConversationsInput,
    good: [{}, undefined, { cursor: "c", limit: 200 }],
    required: [],
    bad: [{ limit: 0 }, { limit: 201 }, { limit: 1.5 }, { limit: null }, { cursor: "" }, { cursor: "c".repeat(513) }],
  },
  GetConversationInput: {
    schema: contracts.GetConversationInput,
    good: [{ conversationId: id }],
    required: ["conversationId"],
    bad: [{ conversationId: [id] }],
  },
  ListMembersInput: {
    schema: contracts.ListMembersInput,
    good: [{ conversationId: id }, { conversationId: id, cursor: "c", limit: 1 }],
    required: ["conversationId"],
    bad: [{ conversationId: id, limit: 201 }],
  },
  AddMembersInput: {
    schema: contracts.AddMembersInput,
    good: [{ conversationId: id, userIds: Array.from({ length: 100 }, () => id) }],
    required: ["conversationId", "userIds"],
    bad: [
      { conversationId: id, userIds: [] },
      { conversationId: id, userIds: Array.from({ length: 101 }, () => id) },
      { conversationId: id, userIds: id },
    ],
  },
  RemoveMemberInput: {
    schema: contracts.RemoveMemberInput,
    good: [{ conversationId: id, userId: id }],
    required: ["conversationId", "userId"],
    bad: [{ conversationId: id, userId: "ada" }],
  },
  LeaveConversationInput: {
    schema: contracts.LeaveConversationInput,
    good: [{ conversationId: id }],
    required: ["conversationId"],
    bad: [{ conversationId: "" }],
  },
  SyncInput: {
    schema: contracts.SyncInput,
    good: [{}, undefined, { cursor: "a1b2.17", waitMs: 25_000 }],
    required: [],
    bad: [{ cursor: "17" }, { cursor: "a.b" }, { cursor: ".1" }, { waitMs: 25_001 }, { waitMs: -1 }, { waitMs: "1" }],
  },
  SubscribeInput: {
    schema: contracts.SubscribeInput,
    good: [{}, undefined, { cursor: "a1b2.0" }, { lastEventId: "a1b2.9" }, { lastEventId: null, cursor: "a1b2.9" }],
    required: [],
    bad: [
      { cursor: "" },
      { cursor: "a1b2.-1" },
      { lastEventId: "9" },
      { cursor: 5 },
      { cursor: `a.${"1".repeat(17)}` },
    ],
  },
  RenewInput: {
    schema: contracts.RenewInput,
    good: [{ token: "t" }],
    required: ["token"],
    bad: [{ token: "" }, { token: "t".repeat(4_097) }, { token: 1 }],
  },
};
