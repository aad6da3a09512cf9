import type { Core } from "../core.ts";
import { type ConversationSignal, conversationChannel } from "../signals.ts";
import type { Audience } from "./repository/marks.ts";

/** Where one reader stands. */
export interface Watermarks {
  conversationId: string;
  userId: string;
  lastDeliveredSeq: number;
  lastReadSeq: number;
}

/** Tells a conversation how far its members are. */
export interface ReceiptTeller {
  tell(moved: Watermarks, audience: Audience): void;
  /** Tells at once what was held back. */
  drain(): Promise<void>;
}

/**
 * How long a reader's receipts are gathered, by the conversation's size; null: they are not told at all, and
 * messages.status answers instead (346 members at 2 s would be 60,000 frames a second; docs/architecture.md).
 */
export function receiptIntervalMs({ type, memberCount }: Audience): number | null {
  if (type === "channel" || memberCount > 100) return null;
  return memberCount <= 20 ? 250 : 2_000;
}

interface Held {
  timer: NodeJS.Timeout;
  /** What came since the last one was told. */
  next: Watermarks | null;
}

/** Per reader the first one goes at once, then the latest at the end of each interval. */
export function createReceiptTeller({ bus, logger, clock }: Pick<Core, "bus" | "logger" | "clock">): ReceiptTeller {
  const held = new Map<string, Held>();

  async function publish(data: Watermarks): Promise<void> {
    const event = { type: "receipt.updated" as const, at: clock.now().toISOString(), data };
    const signal: ConversationSignal = { v: 1, event, exceptUserId: null };
    try {
      await bus.publish(conversationChannel(data.conversationId), signal);
    } catch (err) {
      logger.warn("a receipt was not told", { conversationId: data.conversationId, err });
    }
  }

  function hold(key: string, intervalMs: number): void {
    const timer = setTimeout(() => {
      const next = held.get(key)?.next;
      held.delete(key);
      if (!next) return;
      void publish(next);
      hold(key, intervalMs);
    }, intervalMs);
    held.set(key, { timer: timer.unref(), next: null });
  }

  return {
    tell(moved, audience) {
      const intervalMs = receiptIntervalMs(audience);
      if (intervalMs === null) return;
      const key = `${moved.conversationId}:${moved.userId}`;
      const earlier = held.get(key);
      if (earlier) {
        earlier.next = moved;
        return;
      }
      void publish(moved);
      hold(key, intervalMs);
    },
    async drain() {
      const rest = [...held.values()];
      held.clear();
      for (const { timer } of rest) clearTimeout(timer);
      await Promise.all(rest.flatMap(({ next }) => (next ? [publish(next)] : [])));
    },
  };
}
