import * as contracts from "../index.ts";
import { id, type Row } from "./row.ts";

export const messages: Record<string, Row> = {
  ListMessagesInput: {
    schema: contracts.ListMessagesInput,
    good: [
      { conversationId: id },
      { conversationId: id, beforeSeq: 0, limit: 1 },
      { conversationId: id, afterSeq: 2_147_483_647, limit: 200 },
      { conversationId: id, aroundSeq: 5 },
    ],
    required: ["conversationId"],
    bad: [
      { conversationId: id, limit: 0 },
      { conversationId: id, limit: 201 },
      { conversationId: id, limit: "50" },
      { conversationId: id, beforeSeq: -1 },
      { conversationId: id, beforeSeq: 1.5 },
      { conversationId: id, afterSeq: 2_147_483_648 },
      { conversationId: id, beforeSeq: 9, afterSeq: 1 },
      { conversationId: id, beforeSeq: 0, aroundSeq: 0 },
    ],
  },
  GetMessageInput: {
    schema: contracts.GetMessageInput,
    good: [{ messageId: id }],
    required: ["messageId"],
    bad: [{ messageId: 1 }],
  },
  MarkInput: {
    schema: contracts.MarkInput,
    good: [
      { conversationId: id, seq: 0 },
      { conversationId: id, seq: 2_147_483_647 },
    ],
    required: ["conversationId", "seq"],
    bad: [
      { conversationId: id, seq: -1 },
      { conversationId: id, seq: 2_147_483_648 },
      { conversationId: id, seq: "1" },
      { conversationId: id, seq: 0.1 },
    ],
  },
  TypingInput: {
    schema: contracts.TypingInput,
    good: ["typing", "recording", "none"].map((activity) => ({ conversationId: id, activity })),
    required: ["conversationId", "activity"],
    bad: [{ conversationId: id, activity: "thinking" }],
  },
  MessageStatusInput: {
    schema: contracts.MessageStatusInput,
    good: [{ messageId: id }],
    required: ["messageId"],
    bad: [{ messageId: "" }],
  },
};
