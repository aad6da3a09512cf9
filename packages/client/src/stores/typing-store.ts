import type { Activity, Profile } from "@echo/contracts";
import type { StoreContext } from "./context.ts";
import type { LiveStore } from "./shared-stores.ts";
import { Store } from "./store.ts";

/** Somebody who types, or records, now. */
export interface Typist {
  userId: string;
  /** Null until it is known. */
  profile: Profile | null;
  activity: Exclude<Activity, "none">;
}

interface Activities {
  activity: Typist["activity"];
  timer: ReturnType<typeof setTimeout>;
}

export const nobodyTypes: readonly Typist[] = [];

/** The server ends it after 3 s; this is for an end that was lost. */
const lostAfterMs = 6_000;
/** Often enough that it does not end while somebody types. */
const repeatMs = 2_000;

/** Who types in a conversation, and that one does oneself. */
export class TypingStore implements LiveStore<readonly Typist[]> {
  readonly store = new Store(nobodyTypes);
  readonly #context: StoreContext;
  readonly #conversationId: string;
  readonly #typists = new Map<string, Activities>();
  readonly #stops: (() => void)[];
  #told: { activity: Activity; at: number } = { activity: "none", at: 0 };

  constructor(context: StoreContext, conversationId: string) {
    this.#context = context;
    this.#conversationId = conversationId;
    const { echo, people } = context;
    const isHere = (event: { data: { conversationId: string } }) => event.data.conversationId === conversationId;
    this.#stops = [
      echo.on("typing.updated", (event) => void (isHere(event) && this.#take(event.data.userId, event.data.activity))),
      echo.on("message.created", (event) => {
        if (isHere(event) && event.data.senderId !== null) this.#take(event.data.senderId, "none");
      }),
      echo.on("send.pending", (event) => {
        // The message ends it at the server, too.
        if (isHere(event)) this.#told = { activity: "none", at: 0 };
      }),
      echo.onConnection(({ state }) => {
        if (state !== "connected") this.forget();
      }),
      people.onChange(() => this.#render()),
    ];
  }

  /** Tells the others, as often as is needed however often it is called; without a connection nobody. */
  tell(activity: Activity): void {
    const { echo, userId } = this.#context;
    const now = Date.now();
    const isRecent = now - this.#told.at < repeatMs;
    const isTold = activity === this.#told.activity && (activity === "none" || isRecent);
    if (isTold || userId === null || echo.connection.state !== "connected") return;
    this.#told = { activity, at: now };
    const input = { conversationId: this.#conversationId, activity };
    // Nobody waits for it, and the next one follows.
    echo.realtime.messages.typing.mutate(input).catch(() => undefined);
  }

  forget(): void {
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    this.#typists.clear();
    this.#told = { activity: "none", at: 0 };
    this.#render();
  }

  close(): void {
    this.tell("none");
    this.forget();
    for (const stop of this.#stops) stop();
  }

  #take(userId: string, activity: Activity): void {
    const known = this.#typists.get(userId);
    if (!known && activity === "none") return;
    clearTimeout(known?.timer);
    if (activity === "none") this.#typists.delete(userId);
    else {
      const timer = setTimeout(() => this.#take(userId, "none"), lostAfterMs);
      this.#typists.set(userId, { activity, timer });
      this.#context.people.ask(userId);
    }
    this.#render();
  }

  #render(): void {
    const { people } = this.#context;
    const next = [...this.#typists].map(([userId, { activity }]) => ({
      userId,
      profile: people.find(userId),
      activity,
    }));
    const last = this.store.snapshot;
    const isSame = next.every(
      ({ userId, profile, activity }, index) =>
        last[index]?.userId === userId && last[index].profile === profile && last[index].activity === activity,
    );
    if (next.length !== last.length || !isSame) this.store.set(next.length > 0 ? next : nobodyTypes);
  }
}
