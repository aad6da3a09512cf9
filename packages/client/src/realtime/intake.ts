import type { MarkInput, RealtimeEvent } from "@echo/contracts";
import type { RealtimeEvents } from "../echo.ts";
import { Acknowledger } from "./acknowledger.ts";
import { Seen } from "./seen.ts";

interface IntakeOptions {
  acknowledge: boolean;
  markDelivered(mark: MarkInput): Promise<unknown>;
  /** Who is connected; null when the token does not say. */
  userId(): string | null;
  emit<T extends keyof RealtimeEvents>(type: T, event: RealtimeEvents[T]): void;
}

/** More than a resume can bring (5,000 events, two keys each). */
const rememberedKeys = 16_384;

/** What comes by the socket: each event once, and acknowledged. */
export interface Intake {
  take(event: RealtimeEvent): void;
  acknowledger: Acknowledger;
  /** What came before counts no more: somebody else listens, or the same again from an earlier place. */
  forget(): void;
}

export function createIntake({ acknowledge, markDelivered, userId, emit }: IntakeOptions): Intake {
  const acknowledger = new Acknowledger({ markDelivered });
  const seen = new Seen(rememberedKeys);

  function isRepeated(event: RealtimeEvent): boolean {
    if (!("id" in event)) return false;
    const isRepeatedEvent = seen.add(event.id);
    return event.type === "message.created" ? seen.add(event.data.id) || isRepeatedEvent : isRepeatedEvent;
  }

  function note(event: RealtimeEvent): void {
    if (event.type === "message.created" && event.data.senderId !== userId()) acknowledger.received(event.data);
    if (event.type === "receipt.updated" && event.data.userId === userId()) {
      acknowledger.known({ conversationId: event.data.conversationId, seq: event.data.lastDeliveredSeq });
    }
    if (event.type === "conversation.read") {
      acknowledger.known({ conversationId: event.data.conversationId, seq: event.data.lastReadSeq });
    }
  }

  return {
    acknowledger,
    forget() {
      acknowledger.clear();
      seen.clear();
    },
    take(event) {
      if (isRepeated(event)) return;
      if (acknowledge) note(event);
      // The table of events pairs each type with its event, which TypeScript cannot follow through a union.
      emit(event.type, event as never);
    },
  };
}
