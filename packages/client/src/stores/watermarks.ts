import type { Member, MessageStatus, Watermarks as Receipt } from "@echo/contracts";

/** How far a message of one's own got: with everyone it is meant for. */
export type Tick = "sent" | "delivered" | "read";

/** What is known of how far one person got: at least up to `from`, and when last asked not up to `below`. */
interface Known {
  from: number;
  below: number;
}

interface Reader {
  joinedAt: string;
  delivered: Known;
  read: Known;
}

/** A message, as far as a tick depends on it. */
interface Ticked {
  seq: number;
  createdAt: string;
}

const unknown = (): Known => ({ from: 0, below: Number.POSITIVE_INFINITY });

/**
 * The watermarks of the others in a conversation. A message is read, or delivered, once each present member who joined
 * before it has passed it: who joined later holds nothing back, who left no more.
 */
export class Watermarks {
  readonly #readers = new Map<string, Reader>();

  /** These are the members now, without oneself. */
  setMembers(members: readonly Pick<Member, "userId" | "joinedAt">[]): void {
    this.#readers.clear();
    for (const { userId, joinedAt } of members) this.add(userId, joinedAt);
  }

  add(userId: string, joinedAt: string): void {
    if (!this.#readers.has(userId)) this.#readers.set(userId, { joinedAt, delivered: unknown(), read: unknown() });
  }

  remove(userId: string): void {
    this.#readers.delete(userId);
  }

  /** Somebody's watermarks moved. */
  move({ userId, lastDeliveredSeq, lastReadSeq }: Receipt): void {
    const reader = this.#readers.get(userId);
    if (!reader) return;
    reader.delivered.from = Math.max(reader.delivered.from, lastDeliveredSeq, lastReadSeq);
    reader.read.from = Math.max(reader.read.from, lastReadSeq);
  }

  /** What the server says of one message. */
  learn(seq: number, { recipients }: MessageStatus): void {
    const states = new Map(recipients.map(({ userId, state }) => [userId, state]));
    for (const [userId, { delivered, read }] of this.#readers) {
      // Who is not named joined after it, and holds it back no more than who has read it.
      const state = states.get(userId) ?? "read";
      note(delivered, seq, state !== "sent");
      note(read, seq, state === "read");
    }
  }

  tickOf(message: Ticked): Tick {
    const readers = this.#readersOf(message);
    if (readers.length === 0) return "sent";
    if (readers.every(({ read }) => read.from >= message.seq)) return "read";
    return readers.every(({ delivered }) => delivered.from >= message.seq) ? "delivered" : "sent";
  }

  /** Whether asking the server could tell more than is known. */
  isUnsure(message: Ticked): boolean {
    const isUnsureOf = ({ from, below }: Known) => from < message.seq && message.seq < below;
    return this.#readersOf(message).some(({ delivered, read }) => isUnsureOf(delivered) || isUnsureOf(read));
  }

  #readersOf({ createdAt }: Ticked): Reader[] {
    return [...this.#readers.values()].filter(({ joinedAt }) => joinedAt <= createdAt);
  }
}

function note(known: Known, seq: number, hasPassed: boolean): void {
  if (hasPassed) known.from = Math.max(known.from, seq);
  else known.below = Math.min(known.below, seq);
}
