import type { Core } from "../core.ts";
import { type ConversationSignal, conversationChannel } from "../signals.ts";

type Activity = "typing" | "recording" | "none";

/** A person in a conversation. */
export interface Typist {
  conversationId: string;
  userId: string;
}

/** Who types, as far as this process was told; says "none" itself when nobody else does. */
export interface Typing {
  /** Tells the others; "typing" and "recording" end by themselves 3 s after the last call. */
  set(typist: Typist & { sessionId: string }, activity: Activity): Promise<void>;
  /** Ends what this process knows of: the person sent, left or was removed. */
  end(typist: Typist): Promise<void>;
  /** Ends what this session began: its connection is gone. */
  stop(sessionId: string): Promise<void>;
  /** Ends everything: the process stops. */
  drain(): Promise<void>;
}

const expiryMs = 3_000;
/** The same activity is told again only after this: a held key is many calls, and each would go to every socket. */
const repeatMs = 1_000;

interface Entry extends Typist {
  sessionId: string;
  activity: Activity;
  timer: NodeJS.Timeout;
  toldMs: number;
}

export function createTyping({ bus, logger, clock }: Pick<Core, "bus" | "logger" | "clock">): Typing {
  const entries = new Map<string, Entry>();
  const keyOf = ({ conversationId, userId }: Typist) => `${conversationId}:${userId}`;

  async function tell({ conversationId, userId }: Typist, activity: Activity): Promise<void> {
    const event = {
      type: "typing.updated" as const,
      at: clock.now().toISOString(),
      data: { conversationId, userId, activity },
    };
    const signal: ConversationSignal = { v: 1, event, exceptUserId: userId };
    try {
      await bus.publish(conversationChannel(conversationId), signal);
    } catch (err) {
      logger.warn("typing was not told", { conversationId, err });
    }
  }

  function forget(typist: Typist): boolean {
    clearTimeout(entries.get(keyOf(typist))?.timer);
    return entries.delete(keyOf(typist));
  }

  async function end({ conversationId, userId }: Typist): Promise<void> {
    const typist = { conversationId, userId };
    if (forget(typist)) await tell(typist, "none");
  }

  return {
    end,
    async set({ conversationId, userId, sessionId }, activity) {
      const typist = { conversationId, userId };
      if (activity === "none") {
        forget(typist);
        return tell(typist, "none"); // another process may know of it
      }
      const earlier = entries.get(keyOf(typist));
      if (earlier) clearTimeout(earlier.timer);
      const nowMs = clock.monotonicMs();
      const isNews = !earlier || earlier.activity !== activity || nowMs - earlier.toldMs >= repeatMs;
      const timer = setTimeout(() => void end(typist), expiryMs).unref();
      const toldMs = isNews ? nowMs : earlier.toldMs;
      entries.set(keyOf(typist), { ...typist, sessionId, activity, timer, toldMs });
      if (isNews) await tell(typist, activity);
    },
    async stop(sessionId) {
      const mine = [...entries.values()].filter((entry) => entry.sessionId === sessionId);
      await Promise.all(mine.map(end));
    },
    async drain() {
      await Promise.all([...entries.values()].map(end));
    },
  };
}
