import type { Activity } from "@echo/contracts";
import { typingMs } from "@echo/core/messages";

/** A person in a conversation. */
export interface Typist {
  conversationId: string;
  userId: string;
}

interface Doing {
  activity: Activity;
  toldMs: number;
  timer: NodeJS.Timeout;
}

/** The same activity is told to the sockets again only after this: a held key is many calls. */
const repeatMs = 1_000;

/**
 * Who types in the conversations of this node. Every hub keeps the time for its own sockets, from what all processes tell:
 * so an activity ends once, 3 s after its last call, whichever process took that.
 */
export class Typists {
  readonly #doing = new Map<string, Doing>();
  readonly #onEnd: (typist: Typist) => void;
  readonly #nowMs: () => number;

  /** @param onEnd somebody stopped: his time is over, or he sent, or left */
  constructor(nowMs: () => number, onEnd: (typist: Typist) => void) {
    this.#nowMs = nowMs;
    this.#onEnd = onEnd;
  }

  /** Whether the sockets have to be told what was heard. */
  hear({ conversationId, userId }: Typist, activity: Activity): boolean {
    const typist = { conversationId, userId };
    const earlier = this.#doing.get(keyOf(typist));
    clearTimeout(earlier?.timer);
    if (activity === "none") return this.#doing.delete(keyOf(typist));
    const nowMs = this.#nowMs();
    const isNews = earlier?.activity !== activity || nowMs - earlier.toldMs >= repeatMs;
    const timer = setTimeout(() => this.end(typist), typingMs).unref();
    this.#doing.set(keyOf(typist), { activity, timer, toldMs: isNews ? nowMs : (earlier?.toldMs ?? nowMs) });
    return isNews;
  }

  /** He sent, left or was removed. */
  end(typist: Typist): void {
    const key = keyOf(typist);
    clearTimeout(this.#doing.get(key)?.timer);
    if (this.#doing.delete(key)) this.#onEnd(typist);
  }

  /** The node stops: nobody is told any more. */
  clear(): void {
    for (const { timer } of this.#doing.values()) clearTimeout(timer);
    this.#doing.clear();
  }
}

const keyOf = ({ conversationId, userId }: Typist): string => `${conversationId}:${userId}`;
