import type { DurableEvent } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";
import { createConversation } from "../conversations/index.ts";
import type { Actor, Core } from "../core.ts";
import { addMembers, leaveConversation, removeMember } from "../membership/index.ts";
import { markRead, sendMessage } from "../messages/index.ts";
import { createTestCore, seeded, textTo } from "../test-core.ts";
import { upsertProfile } from "../users/index.ts";
import { backfill } from "./backfill.ts";
import { formatCursor } from "./cursor.ts";
import { loadMemberships } from "./load-memberships.ts";
import { countMissed } from "./read-missed.ts";
import type { MissedRange } from "./repository.ts";
import { syncEvents } from "./sync-events.ts";
import { briefOf, eventFor, readAsHub } from "./test-reader.ts";

interface Talk {
  id: string;
  visibility: "all" | "since_join";
  members: Set<Actor>;
  messages: { id: string; seq: number; seenBy: Set<Actor> }[];
  /** How far each member has read: at a join, everything. */
  read: Map<Actor, number>;
}

/**
 * People who talk, join and leave at random, with a ledger of what each of them must have got, kept outside of Echo: from
 * the rules of the product, not from spans.
 */
class Drill {
  readonly core: Core;
  readonly people: Actor[];
  readonly #random: () => number;
  readonly #talks: Talk[] = [];
  readonly ledger = new Map<Actor, string[]>();
  #serial = 0;

  constructor(core: Core, people: Actor[], random: () => number) {
    this.core = core;
    this.people = people;
    this.#random = random;
    for (const person of people) this.ledger.set(person, []);
  }

  async step(): Promise<void> {
    if (this.#talks.length < 3) return this.#create();
    const steps = [
      this.#send,
      this.#send,
      this.#send,
      this.#add,
      this.#add,
      this.#remove,
      this.#leave,
      this.#rename,
      this.#read,
    ];
    await this.#pick(steps)?.call(this);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)];
  }

  #tell(whom: Iterable<Actor>, brief: string): void {
    for (const person of whom) this.ledger.get(person)?.push(brief);
  }

  #tellOfMember(talk: Talk, type: string, { userId }: Actor): void {
    const role = "member";
    this.#tell(talk.members, `${type} ${JSON.stringify({ conversationId: talk.id, userId, role })}`);
  }

  #personalOf(type: string, talk: Talk, more: object = {}): string {
    return `${type} ${JSON.stringify({ conversationId: talk.id, ...more })}`;
  }

  /** The owner of all, who never leaves: the first person. */
  get #owner(): Actor {
    const [owner] = this.people;
    if (!owner) throw new Error("nobody is here");
    return owner;
  }

  async #create(): Promise<void> {
    const visibility = this.#talks.length % 2 ? "since_join" : "all";
    const { id } = await createConversation(this.core, this.#owner, { type: "group", historyVisibility: visibility });
    const talk: Talk = { id, visibility, members: new Set([this.#owner]), messages: [], read: new Map() };
    this.#talks.push(talk);
    this.#tell(talk.members, this.#personalOf("conversation.added", talk));
  }

  async #send(): Promise<void> {
    const talk = this.#pick(this.#talks);
    const sender = this.#pick([...(talk?.members ?? [])]);
    if (!talk || !sender) return;
    const mayQuote = talk.messages.filter(({ seenBy }) => talk.visibility === "all" || seenBy.has(sender));
    const quoted = this.#random() < 0.5 ? this.#pick(mayQuote) : undefined;
    this.#serial += 1;
    const text = `m${this.#serial}`;
    const more = quoted ? { replyToId: quoted.id } : {};
    const { id, seq } = await sendMessage(this.core, sender, textTo(talk.id, text, more));
    for (const member of talk.members) {
      const seesQuote = quoted && (talk.visibility === "all" || quoted.seenBy.has(member));
      this.#tell([member], `message.created ${text} quotes ${seesQuote ? quoted.seq : "-"}`);
    }
    talk.messages.push({ id, seq, seenBy: new Set(talk.members) });
  }

  async #add(): Promise<void> {
    const talk = this.#pick(this.#talks);
    const person = this.#pick(this.people.slice(1));
    if (!talk || !person) return;
    await addMembers(this.core, this.#owner, { conversationId: talk.id, userIds: [person.userId] });
    if (talk.members.has(person)) return;
    talk.members.add(person);
    talk.read.set(person, talk.messages.length);
    this.#tellOfMember(talk, "member.added", person);
    this.#tell([person], this.#personalOf("conversation.added", talk));
  }

  async #remove(): Promise<void> {
    const talk = this.#pick(this.#talks);
    const person = this.#pick([...(talk?.members ?? [])].slice(1));
    if (!talk || !person) return;
    await removeMember(this.core, this.#owner, { conversationId: talk.id, userId: person.userId });
    this.#gone(talk, person, "removed");
  }

  async #leave(): Promise<void> {
    const talk = this.#pick(this.#talks);
    const person = this.#pick([...(talk?.members ?? [])].slice(1));
    if (!talk || !person) return;
    await leaveConversation(this.core, person, { conversationId: talk.id });
    this.#gone(talk, person, "left");
  }

  #gone(talk: Talk, person: Actor, reason: "left" | "removed"): void {
    this.#tellOfMember(talk, "member.removed", person);
    this.#tell([person], this.#personalOf("conversation.removed", talk, { reason }));
    talk.members.delete(person);
  }

  async #rename(): Promise<void> {
    const person = this.#pick(this.people);
    if (!person) return;
    // Bodies are read as they are now, so a name may not change again.
    if (this.ledger.get(person)?.some((brief) => brief.startsWith("user.updated"))) return;
    const displayName = `name ${this.#serial}`;
    await upsertProfile(this.core, person, { displayName });
    this.#tell([person], `user.updated ${displayName}`);
  }

  async #read(): Promise<void> {
    const talk = this.#pick(this.#talks);
    const person = this.#pick([...(talk?.members ?? [])]);
    if (!talk || !person) return;
    const seq = Math.floor(this.#random() * (talk.messages.length + 1));
    await markRead(this.core, person, { conversationId: talk.id, seq });
    if (seq <= (talk.read.get(person) ?? 0)) return;
    talk.read.set(person, seq);
    this.#tell([person], this.#personalOf("conversation.read", talk, { lastReadSeq: seq }));
  }
}

const briefs = (events: readonly DurableEvent[]) => events.map(briefOf);

test.each([1, 2, 3, 4])(
  "drill %i: live, sync and backfill from every place give each person exactly what is theirs",
  async (seed) => {
    await using database = await createTestDatabase();
    await using testCore = await createTestCore(database.url);
    const { core, people } = testCore;
    const crowd = Object.values(await people("ada", "bob", "cleo", "dan"));
    const drill = new Drill(core, crowd, seeded(seed));
    const cuts: { position: number; epoch: string; had: Map<Actor, number> }[] = [];
    for (let step = 0; step < 120; step++) {
      await drill.step();
      await core.events.appendNow();
      if (step % 12 === 0) {
        const { epoch, position } = await core.events.head();
        cuts.push({
          epoch,
          position,
          had: new Map(crowd.map((person) => [person, drill.ledger.get(person)?.length ?? 0])),
        });
      }
    }
    const { position: last } = await core.events.head();

    const live = await readAsHub(
      core,
      crowd.map(({ userId }) => userId),
      7,
    );
    for (const person of crowd) {
      const { userId } = person;
      const all = drill.ledger.get(person) ?? [];
      expect(briefs(live.get(userId) ?? [])).toEqual(all);
      for (const { epoch, position, had } of cuts) {
        const expected = all.slice(had.get(person));
        const synced = await syncEvents(core, person, { cursor: formatCursor({ epoch, position }), waitMs: 0 });
        expect(synced.cursor).toBe(`${epoch}.${last}`);
        expect(briefs("events" in synced ? synced.events : [])).toEqual(expected);
        const range = { after: position, upTo: last, limit: 5_001 };
        expect(await countMissed(core, userId, range)).toBe(expected.length);
      }
      expect(await readPaged(core, userId, last)).toEqual(all);
    }

    const asked = crowd.flatMap((person) =>
      cuts.map(({ position, had }, at) => ({ person, position, limit: 1 + 5 * at, had: had.get(person) })),
    );
    const together = asked.map(async ({ person, position, limit, had }) => {
      const got = await readPage(core, person.userId, { after: position, upTo: last, limit });
      expect(got).toEqual(drill.ledger.get(person)?.slice(had).slice(0, limit));
    });
    await Promise.all(together);
  },
);

async function readPage(core: Core, userId: string, range: MissedRange): Promise<string[]> {
  const memberships = new Map((await loadMemberships(core, userId)).map((each) => [each.conversationId, each]));
  const page = await backfill(core, userId, range);
  return page.flatMap((delivery) => briefs(eventFor(delivery, userId, memberships.get(delivery.streamId))));
}

/** All of a person's events, three at a time. */
async function readPaged(core: Core, userId: string, upTo: number): Promise<string[]> {
  const memberships = new Map((await loadMemberships(core, userId)).map((each) => [each.conversationId, each]));
  const got: string[] = [];
  for (let after = 0; ; ) {
    const page = await backfill(core, userId, { after, upTo, limit: 3 });
    got.push(...page.flatMap((delivery) => briefs(eventFor(delivery, userId, memberships.get(delivery.streamId)))));
    const last = page.at(-1);
    if (!last) return got;
    after = last.position;
  }
}
