import type { Conversation, ConversationPage, EventMessage, Profile } from "@echo/contracts";
import { errorCode } from "../errors.ts";
import type { StoreContext } from "./context.ts";
import { keepTrying } from "./keep-trying.ts";
import type { LiveStore } from "./shared-stores.ts";
import { toMessage } from "./shown-message.ts";
import { Store } from "./store.ts";
import { byActivity, withMessage, withRead } from "./unread.ts";

/** What a component sees of a person's conversations. */
export interface ConversationsSnapshot {
  status: "loading" | "ready" | "failed";
  /** Of the last load that failed for good; null when none did since. */
  error: unknown;
  /** Last activity first; `mine.unread` follows what is read on any device. */
  conversations: readonly Conversation[];
  hasMore: boolean;
  isLoadingMore: boolean;
}

export const noConversations: ConversationsSnapshot = {
  status: "loading",
  error: null,
  conversations: [],
  hasMore: false,
  isLoadingMore: false,
};

const pageSize = 50;
/** What came while something is on its way; beyond it the list is loaded anew. */
const maxHeard = 1_000;

/** The conversations of a person: pages of the list, and what events make of them. */
export class ConversationsStore implements LiveStore<ConversationsSnapshot> {
  readonly store = new Store<ConversationsSnapshot>(noConversations);
  readonly #context: StoreContext;
  readonly #stops: (() => void)[];
  readonly #conversations = new Map<string, Conversation>();
  #nextCursor: string | null = null;
  #loads = new AbortController();
  /** Conversations that only the server can tell of as they are now. */
  readonly #stale = new Set<string>();
  /** Conversations that one was taken out of: an answer that is on its way brings none of them back. */
  readonly #gone = new Set<string>();
  #isRefreshing = false;
  /** What came by the socket while something was on its way, which may be older. */
  #heard: EventMessage[] = [];
  #flights = 0;

  constructor(context: StoreContext) {
    this.#context = context;
    const { echo, reads } = context;
    const isStale = ({ data }: { data: { conversationId: string } }) => this.#refresh(data.conversationId);
    this.#stops = [
      echo.on("message.created", ({ data }) => this.#takeMessage(data)),
      echo.on("message.updated", ({ data }) => this.#takeChange(data)),
      echo.on("message.deleted", ({ data }) => this.#refresh(data.conversationId)),
      echo.on("conversation.added", ({ data }) => this.#add(data.conversationId)),
      echo.on("conversation.updated", isStale),
      echo.on("member.added", isStale),
      echo.on("member.removed", (event) => void (event.data.userId !== context.userId && isStale(event))),
      echo.on("member.updated", isStale),
      echo.on("conversation.removed", ({ data }) => this.#remove(data.conversationId)),
      echo.on("conversation.read", ({ data }) => this.#takeRead({ ...data, seq: data.lastReadSeq })),
      echo.on("user.updated", ({ data }) => this.#takeProfile(data.profile)),
      echo.onReset(() => void this.#load()),
      reads.onMark(({ conversationId, seq }) => this.#change(conversationId, (known) => withRead(known, seq))),
    ];
    void this.#load();
  }

  async loadMore(): Promise<void> {
    const { snapshot } = this.store;
    if (this.#nextCursor === null || snapshot.isLoadingMore) return;
    this.store.set({ ...snapshot, isLoadingMore: true });
    const page = await this.#fetch(this.#nextCursor);
    if (page) this.#hold(page);
    if (page !== undefined) this.#render({ isLoadingMore: false });
  }

  forget(): void {
    this.#conversations.clear();
    this.#stale.clear();
    this.#gone.clear();
    this.store.set(noConversations);
    void this.#load();
  }

  close(): void {
    this.#loads.abort();
    for (const stop of this.#stops) stop();
  }

  /** As many as are shown; they stay until they are replaced. */
  async #load(): Promise<void> {
    this.#loads.abort();
    this.#loads = new AbortController();
    this.#isRefreshing = false;
    const wanted = this.#conversations.size;
    const pages: ConversationPage[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#fetch(cursor);
      if (!page) return;
      pages.push(page);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && pages.length * pageSize < wanted);
    this.#conversations.clear();
    for (const page of pages) this.#hold(page);
    this.#render({ status: "ready", error: null, isLoadingMore: false });
  }

  #hold({ items, profiles, nextCursor }: ConversationPage): void {
    this.#nextCursor = nextCursor;
    this.#context.people.learn(profiles);
    for (const conversation of items) this.#put(conversation);
  }

  /** Null: failed for good, which is shown; undefined: voided by a later load. */
  async #fetch(cursor: string | undefined): Promise<ConversationPage | null | undefined> {
    const { list } = this.#context.echo.api.conversations;
    try {
      return await this.#try((signal) => list.query({ limit: pageSize, ...(cursor && { cursor }) }, { signal }));
    } catch (error) {
      const { status } = this.store.snapshot;
      this.#render({ error, status: status === "loading" ? "failed" : status });
      return null;
    }
  }

  async #try<T>(load: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { echo } = this.#context;
    const { signal } = this.#loads;
    if (this.#flights === 0) this.#heard = [];
    this.#flights += 1;
    try {
      return (await keepTrying({ echo, load, signal })) ?? undefined;
    } finally {
      this.#flights -= 1;
    }
  }

  /** What came while it was on its way is applied to it again. */
  #put(conversation: Conversation): void {
    if (this.#gone.has(conversation.id)) return;
    const { userId, reads } = this.#context;
    const current = this.#heard
      .filter(({ conversationId }) => conversationId === conversation.id)
      .reduce((known, event) => withMessage(known, toMessage(event), userId), conversation);
    this.#conversations.set(conversation.id, withRead(current, reads.of(conversation.id)));
  }

  #takeMessage(event: EventMessage): void {
    if (this.#flights > 0) this.#heard.push(event);
    if (this.#heard.length > maxHeard) {
      this.#heard = [];
      void this.#load();
    }
    const { conversationId } = event;
    if (!this.#conversations.has(conversationId)) this.#refresh(conversationId);
    this.#change(conversationId, (known) => withMessage(known, toMessage(event), this.#context.userId));
  }

  #takeChange(event: EventMessage): void {
    this.#change(event.conversationId, (known) =>
      known.lastMessage?.id === event.id ? { ...known, lastMessage: toMessage(event) } : known,
    );
  }

  #takeRead({ conversationId, seq }: { conversationId: string; seq: number }): void {
    const known = this.#conversations.get(conversationId);
    if (!known) return;
    if (seq < known.lastSeq) this.#refresh(conversationId);
    this.#change(conversationId, () => withRead(known, seq));
  }

  #takeProfile(profile: Profile): void {
    for (const [id, { other }] of this.#conversations) {
      if (other?.userId === profile.userId) this.#change(id, (known) => ({ ...known, other: profile }));
    }
  }

  #add(conversationId: string): void {
    this.#gone.delete(conversationId);
    this.#refresh(conversationId);
  }

  #remove(conversationId: string): void {
    this.#gone.add(conversationId);
    this.#stale.delete(conversationId);
    if (this.#conversations.delete(conversationId)) this.#render({});
  }

  #change(conversationId: string, change: (known: Conversation) => Conversation): void {
    const known = this.#conversations.get(conversationId);
    const next = known && change(known);
    if (!next || next === known) return;
    this.#conversations.set(conversationId, next);
    this.#render({});
  }

  #refresh(conversationId: string): void {
    this.#stale.add(conversationId);
    if (!this.#isRefreshing) void this.#refreshStale();
  }

  async #refreshStale(): Promise<void> {
    this.#isRefreshing = true;
    const { signal } = this.#loads;
    while (this.#stale.size > 0 && !signal.aborted) {
      const conversationIds = [...this.#stale];
      this.#stale.clear();
      await Promise.all(conversationIds.map((conversationId) => this.#refetch(conversationId)));
      this.#render({});
    }
    if (!signal.aborted) this.#isRefreshing = false;
  }

  async #refetch(conversationId: string): Promise<void> {
    const { get } = this.#context.echo.api.conversations;
    try {
      const conversation = await this.#try((signal) => get.query({ conversationId }, { signal }));
      if (conversation) this.#put(conversation);
    } catch (error) {
      if (errorCode(error) === null) throw error;
      this.#conversations.delete(conversationId);
    }
  }

  #render(change: Partial<ConversationsSnapshot>): void {
    const conversations = [...this.#conversations.values()].sort(byActivity);
    this.store.set({ ...this.store.snapshot, conversations, hasMore: this.#nextCursor !== null, ...change });
  }
}
