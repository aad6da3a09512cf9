import type { UseMessages } from "./use-messages.ts";

/** Pages are loaded this far, in pixels, before their place is seen. */
const nearPx = 400;
/** What a fraction of a pixel and a border make of "at the end". */
const atEndPx = 8;

/** The message at the top of what is seen, and where it stands. */
interface Held {
  key: string;
  top: number;
}

interface View {
  conversation: UseMessages;
  /** Whether the reader is at the newest message, and stays there. */
  isAtEnd: boolean;
}

/** Keeps an element that scrolls where its reader is, whatever comes in above or below, or makes it larger. */
export class ScrollKeeper {
  readonly #list: HTMLElement;
  #view: View | null = null;
  #held: Held | null = null;
  #size = "";

  constructor(list: HTMLElement) {
    this.#list = list;
  }

  /** To be called with what is shown, once it stands in the document. */
  show(view: View): void {
    this.#view = view;
    this.#settle();
  }

  /** Tells with each scroll of the reader whether it led to the end. Answers how to stop. */
  watch(onMove: (isAtEnd: boolean) => void): () => void {
    const settle = () => this.#settle();
    const follow = () => this.#follow(onMove);
    const observer = new ResizeObserver(settle);
    observer.observe(this.#list);
    this.#list.addEventListener("scroll", follow, { passive: true });
    document.addEventListener("visibilitychange", settle);
    return () => {
      observer.disconnect();
      this.#list.removeEventListener("scroll", follow);
      document.removeEventListener("visibilitychange", settle);
    };
  }

  #settle(): void {
    if (!this.#view || this.#isHidden) return;
    const { conversation, isAtEnd } = this.#view;
    this.#size = this.#sizeNow;
    this.#restore(isAtEnd);
    // What does not fill the element cannot be scrolled to load more.
    if (this.#list.scrollHeight <= this.#list.clientHeight) void conversation.loadOlder();
    if (isAtEnd && !conversation.hasNewer && document.visibilityState === "visible") conversation.markRead();
  }

  #follow(onMove: (isAtEnd: boolean) => void): void {
    if (!this.#view || this.#isHidden) return;
    const { conversation, isAtEnd } = this.#view;
    // What is told after the size has changed is no scroll of the reader's.
    if (isAtEnd && this.#size !== this.#sizeNow) {
      this.#settle();
      return;
    }
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    const below = scrollHeight - scrollTop - clientHeight;
    this.#held = this.#findTop();
    if (scrollTop < nearPx) void conversation.loadOlder();
    if (below < nearPx) void conversation.loadNewer();
    onMove(below < atEndPx && (isAtEnd || !conversation.hasNewer));
  }

  #restore(isAtEnd: boolean): void {
    const row = this.#rows.find(({ dataset }) => dataset.key === this.#held?.key);
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
    else if (row && this.#held) this.#list.scrollTop = row.offsetTop - this.#held.top;
  }

  #findTop(): Held | null {
    const { scrollTop } = this.#list;
    const row = this.#rows.find(({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop);
    return row ? { key: row.dataset.key ?? "", top: row.offsetTop - scrollTop } : null;
  }

  get #rows(): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>("[data-key]")];
  }

  /** Nothing is seen of an element without height. */
  get #isHidden(): boolean {
    return this.#list.clientHeight === 0;
  }

  get #sizeNow(): string {
    return `${this.#list.clientHeight} ${this.#list.scrollHeight}`;
  }
}
