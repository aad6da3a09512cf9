import type { EventMessage, ListMessagesInput, Message, MessagePage } from "@echo/contracts";
import type { StoreContext } from "./context.ts";
import { keepTrying } from "./keep-trying.ts";
import { MessageRows, type MessagesSnapshot, noMessages } from "./message-rows.ts";
import { type Direction, extend, type Heard, type MessageWindow, putInto, trim, windowOf } from "./message-window.ts";
import { Receipts } from "./receipts.ts";
import type { LiveStore } from "./shared-stores.ts";
import { isOwn, toMessage } from "./shown-message.ts";
import { Store } from "./store.ts";

const pageSize = 50;
/** The server's bound of a page. */
const maxPageSize = 200;
/** Scrolled past, messages are let go at the other end, and loaded again on the way back. */
const maxHeld = 300;

type Anchor = Pick<Partial<ListMessagesInput>, "beforeSeq" | "afterSeq" | "aroundSeq" | "limit">;

/** The messages of one conversation: a window that pages and live events extend, and what is on its way there. */
export class MessagesStore implements LiveStore<MessagesSnapshot> {
  readonly store = new Store<MessagesSnapshot>(noMessages);
  readonly #context: StoreContext;
  readonly #conversationId: string;
  readonly #stops: (() => void)[];
  readonly #rows: MessageRows;
  #receipts: Receipts;
  #nextReceipts: Receipts | null = null;
  #window: MessageWindow | null = null;
  #error: unknown = null;
  readonly #loading = { older: false, newer: false };
  /** Where somebody scrolls: the other end is let go. */
  #lookingAt: Direction = "newer";
  /** Ends what was begun before the window was loaded anew. */
  #loads = new AbortController();
  #flights = 0;
  /** What came by the socket while a page was on its way, which may be older. */
  readonly #heard = new Map<string, Heard>();

  constructor(context: StoreContext, conversationId: string) {
    this.#context = context;
    this.#conversationId = conversationId;
    this.#rows = new MessageRows(context, conversationId);
    this.#receipts = this.#createReceipts();
    const { echo, outgoing, people } = context;
    const render = () => this.#render();
    this.#stops = [
      echo.on("message.created", ({ data }) => this.#take(data, true)),
      echo.on("message.updated", ({ data }) => this.#take(data, false)),
      echo.on("message.deleted", ({ data }) => this.#take(data, false)),
      echo.onReset(() => this.#reload()),
      people.onChange(render),
      outgoing.onChange((changedId, message) => {
        if (changedId !== conversationId) return;
        if (message) this.#take(message, true);
        else render();
      }),
    ];
    render();
    void this.#loadWindow({ limit: pageSize });
    void this.#receipts.load();
  }

  /** Loads the page before the first message that is held. */
  loadOlder(): Promise<void> {
    return this.#loadPage("older");
  }

  /** Loads the page after the last message that is held. */
  loadNewer(): Promise<void> {
    return this.#loadPage("newer");
  }

  /** Shows the messages around a place instead of those that are held. */
  goTo(seq: number): Promise<void> {
    return this.#loadWindow({ aroundSeq: seq, limit: pageSize });
  }

  async goToNewest(): Promise<void> {
    if (this.#window?.hasNewer) await this.#loadWindow({ limit: pageSize });
  }

  /** The last message that is shown and that the server has. */
  get lastSeq(): number | null {
    return this.#window?.items.at(-1)?.seq ?? null;
  }

  /** Somebody else signed in, or nobody is. */
  forget(): void {
    this.#window = null;
    this.#heard.clear();
    this.#replaceReceipts(this.#createReceipts());
    void this.#receipts.load();
    void this.#loadWindow({ limit: pageSize });
  }

  close(): void {
    this.#loads.abort();
    this.#receipts.close();
    this.#nextReceipts?.close();
    this.#nextReceipts = null;
    for (const stop of this.#stops) stop();
  }

  #take(event: EventMessage, isNew: boolean): void {
    if (event.conversationId !== this.#conversationId) return;
    const message = toMessage(event);
    if (this.#flights > 0) {
      this.#heard.set(message.id, { message, isNew: isNew || this.#heard.get(message.id)?.isNew === true });
    }
    if (!this.#window) return;
    this.#window = trim(putInto(this.#window, { message, isNew }), maxHeld, this.#lookingAt);
    if (message.senderId !== null) this.#context.people.ask(message.senderId);
    this.#render();
  }

  async #loadPage(direction: Direction): Promise<void> {
    const window = this.#window;
    const isOlder = direction === "older";
    const edge = isOlder ? window?.items[0] : window?.items.at(-1);
    if (!edge || this.#loading[direction] || !(isOlder ? window?.hasOlder : window?.hasNewer)) return;
    this.#lookingAt = direction;
    this.#loading[direction] = true;
    this.#render();
    const anchor = isOlder ? { beforeSeq: edge.seq } : { afterSeq: edge.seq };
    const { signal } = this.#loads;
    const page = await this.#fetch({ ...anchor, limit: pageSize });
    if (signal.aborted || !this.#window) return;
    this.#loading[direction] = false;
    const edgeNow = isOlder ? this.#window.items[0] : this.#window.items.at(-1);
    // Else the window was trimmed there meanwhile, and the page would leave a gap.
    if (page && edgeNow?.id === edge.id) this.#hold(extend(this.#window, page, direction), page);
    this.#render();
  }

  async #loadWindow(anchor: Anchor): Promise<void> {
    this.#loads.abort();
    this.#loads = new AbortController();
    this.#loading.older = false;
    this.#loading.newer = false;
    const page = await this.#fetch(anchor);
    if (!page) return;
    this.#lookingAt = "newer";
    this.#hold(windowOf(page), page);
    this.#render();
  }

  /** After a reset: what is shown stays until it is replaced. */
  #reload(): void {
    const items = this.#window?.items ?? [];
    const limit = Math.min(Math.max(items.length, pageSize), maxPageSize);
    const middle = items[items.length >> 1];
    const isAway = this.#window?.hasNewer || this.#lookingAt === "older";
    void this.#loadWindow(isAway && middle ? { aroundSeq: middle.seq, limit } : { limit });
    void this.#renewReceipts();
  }

  /** Null: voided by a later load, or failed for good, which is shown. */
  async #fetch(anchor: Anchor): Promise<MessagePage | null> {
    const { echo } = this.#context;
    const input = { conversationId: this.#conversationId, ...anchor };
    const { signal } = this.#loads;
    const load = (own: AbortSignal) => {
      if (this.#flights === 1) this.#heard.clear();
      return echo.api.messages.list.query(input, { signal: own });
    };
    this.#flights += 1;
    try {
      const page = await keepTrying({ echo, load, signal });
      if (page) this.#error = null;
      return page;
    } catch (error) {
      this.#error = error;
      this.#render();
      return null;
    } finally {
      this.#flights -= 1;
    }
  }

  #hold(window: MessageWindow, page: MessagePage): void {
    this.#context.people.learn(page.profiles);
    const current = [...this.#heard.values()].reduce(putInto, window);
    this.#window = trim(current, maxHeld, this.#lookingAt);
    void this.#receipts.ask();
  }

  #createReceipts(): Receipts {
    return new Receipts({
      context: this.#context,
      conversationId: this.#conversationId,
      shown: () => (this.#window?.items ?? []).filter((message) => isOwn(message, this.#context.userId)),
      onChange: () => this.#render(),
    });
  }

  /** The former ticks are shown until it is known again how far each message got. */
  async #renewReceipts(): Promise<void> {
    this.#nextReceipts?.close();
    const next = this.#createReceipts();
    this.#nextReceipts = next;
    await next.load();
    if (this.#nextReceipts !== next) return;
    this.#nextReceipts = null;
    this.#replaceReceipts(next);
  }

  #replaceReceipts(receipts: Receipts): void {
    this.#receipts.close();
    this.#receipts = receipts;
    this.#render();
  }

  #render(): void {
    const tickOf = (message: Message) => this.#receipts.tickOf(message);
    this.store.set(this.#rows.snapshot(this.#window, { error: this.#error, loading: this.#loading, tickOf }));
  }
}
