import type { Activity } from "@echo/contracts";
import type { Core } from "../core.ts";
import { type ConversationSignal, conversationChannel } from "../signals.ts";

/** A person in a conversation. */
interface Typist {
  conversationId: string;
  userId: string;
}

/**
 * Tells the hubs who types. They keep the time: each hears every call, whichever process took it, so an activity ends 3 s
 * after the last one, and with the message or the membership that the log tells of.
 */
export interface Typing {
  set(typist: Typist & { sessionId: string }, activity: Activity): Promise<void>;
  /** Ends what this session began here: its connection is gone. */
  stop(sessionId: string): Promise<void>;
}

/** Of an activity, from its last call. */
export const typingMs = 3_000;

interface Began extends Typist {
  sessionId: string;
  /** By then it has ended by itself. */
  timer: NodeJS.Timeout;
}

export function createTyping({ bus, logger, clock }: Pick<Core, "bus" | "logger" | "clock">): Typing {
  const began = new Map<string, Began>();
  const keyOf = ({ sessionId, conversationId }: { sessionId: string; conversationId: string }) =>
    `${sessionId}:${conversationId}`;

  async function tell({ conversationId, userId }: Typist, activity: Activity): Promise<void> {
    const data = { conversationId, userId, activity };
    const event = { type: "typing.updated" as const, at: clock.now().toISOString(), data };
    const signal: ConversationSignal = { v: 1, event, exceptUserId: userId };
    try {
      await bus.publish(conversationChannel(conversationId), signal);
    } catch (err) {
      logger.warn("typing was not told", { conversationId, err });
    }
  }

  function forget(key: string): void {
    clearTimeout(began.get(key)?.timer);
    began.delete(key);
  }

  return {
    async set(typist, activity) {
      const key = keyOf(typist);
      forget(key);
      if (activity !== "none") {
        const timer = setTimeout(() => began.delete(key), typingMs).unref();
        began.set(key, { ...typist, timer });
      }
      await tell(typist, activity);
    },
    async stop(sessionId) {
      const mine = [...began.values()].filter((each) => each.sessionId === sessionId);
      for (const each of mine) forget(keyOf(each));
      await Promise.all(mine.map((each) => tell(each, "none")));
    },
  };
}
