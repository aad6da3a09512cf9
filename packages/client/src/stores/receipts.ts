import type { Member, Message } from "@echo/contracts";
import { errorCode } from "../errors.ts";
import type { StoreContext } from "./context.ts";
import { keepTrying } from "./keep-trying.ts";
import { type Tick, Watermarks } from "./watermarks.ts";

/** Larger groups and channels hear of nobody's receipts: their messages stay at "sent". */
const maxMembers = 100;
/** The client's batch: one request. */
const maxAskedAtOnce = 10;

interface ReceiptsOptions {
  context: StoreContext;
  conversationId: string;
  /** One's own messages that are shown. */
  shown(): readonly Message[];
  onChange(): void;
}

/** Of one conversation, who got how far: asked for what was there before, and listened to from then on. */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #watermarks = new Watermarks();
  readonly #stops: (() => void)[];
  readonly #closing = new AbortController();
  /** Until it is known who is here, or that they are too many. */
  #isOff = true;
  #isAsking = false;

  constructor(options: ReceiptsOptions) {
    this.#options = options;
    const { context, conversationId } = options;
    const isHere = (event: { data: { conversationId: string } }) => event.data.conversationId === conversationId;
    this.#stops = [
      context.echo.on("receipt.updated", (event) => {
        if (!isHere(event)) return;
        this.#watermarks.move(event.data);
        options.onChange();
      }),
      context.echo.on("member.added", (event) => {
        if (!isHere(event) || event.data.userId === context.userId || this.#isOff) return;
        this.#watermarks.add(event.data.userId, event.at);
        options.onChange();
      }),
      context.echo.on("member.removed", (event) => {
        if (!isHere(event)) return;
        this.#watermarks.remove(event.data.userId);
        options.onChange();
      }),
    ];
  }

  tickOf(message: Message): Tick {
    return this.#watermarks.tickOf(message);
  }

  /** Asks who is here, then how far the messages got that are shown. */
  async load(): Promise<void> {
    const members = await this.#try((signal) => this.#listMembers(signal));
    if (!members) return;
    const { people, userId } = this.#options.context;
    people.learn(members.map(({ profile }) => profile));
    this.#watermarks.setMembers(members.filter((member) => member.userId !== userId));
    this.#isOff = false;
    await this.ask();
  }

  /**
   * Asks about what is shown and unsure, a few spread messages at a time: watermarks only grow along the seq, so that
   * each answer settles its neighbours.
   */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    for (let unsure = this.#unsure(); unsure.length > 0; unsure = this.#unsure()) {
      if ((await this.#askAbout(spread(unsure, maxAskedAtOnce))) === null) this.#isOff = true;
      this.#options.onChange();
    }
    this.#isAsking = false;
  }

  close(): void {
    this.#closing.abort();
    for (const stop of this.#stops) stop();
  }

  #unsure(): Message[] {
    if (this.#isOff) return [];
    return this.#options.shown().filter((message) => this.#watermarks.isUnsure(message));
  }

  #askAbout(messages: readonly Message[]): Promise<true | null> {
    const { echo } = this.#options.context;
    return this.#try(async (signal) => {
      await Promise.all(
        messages.map(async ({ id, seq }) => {
          this.#watermarks.learn(seq, await echo.api.messages.status.query({ messageId: id }, { signal }));
        }),
      );
      return true as const;
    });
  }

  /** Null: too many to hear of. */
  async #listMembers(signal: AbortSignal): Promise<readonly Member[] | null> {
    const { context, conversationId } = this.#options;
    const { list } = context.echo.api.conversations.members;
    const { items, nextCursor } = await list.query({ conversationId, limit: maxMembers }, { signal });
    return nextCursor === null ? items : null;
  }

  /** Null: cannot be had. Messages stay at "sent" then. */
  async #try<T>(load: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
    try {
      return await keepTrying({ echo: this.#options.context.echo, load, signal: this.#closing.signal });
    } catch (error) {
      if (errorCode(error) === null) throw error;
      return null;
    }
  }
}

/** So many of them, evenly, the first and the last among them. */
function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  const step = (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, index) => items[Math.round(index * step)] as T);
}
