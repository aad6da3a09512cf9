import { randomUUID } from "node:crypto";
import { stampedText } from "../load/stamp.ts";
import { nowNs } from "../processes/pace.ts";

const ids = { conversation: randomUUID(), sender: randomUUID() };

/** What a peer sends: an event with the fields and the size of Echo's `message.created`, made at this moment. */
export function sampleEvent(seq: number) {
  const at = new Date().toISOString();
  return {
    type: "message.created",
    id: `0a1b2c3d.${seq}`,
    streamId: ids.conversation,
    eventSeq: seq,
    actorId: ids.sender,
    at,
    data: {
      id: ids.sender,
      conversationId: ids.conversation,
      seq,
      clientMessageId: ids.conversation,
      senderId: ids.sender,
      replyTo: null,
      threadRootId: null,
      threadCount: 0,
      mentions: [],
      metadata: {},
      version: 1,
      createdAt: at,
      editedAt: null,
      deletedAt: null,
      reactions: [],
      type: "text",
      content: { text: stampedText(nowNs()) },
    },
  };
}

/** A publish of the benchmark: so many events, one after the other, to everybody in a room. */
export interface Publish {
  room: number;
  events: number;
}
