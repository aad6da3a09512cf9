import type { MarkInput } from "@echo/contracts";
import type { Echo } from "../echo.ts";
import { errorCode } from "../errors.ts";
import { keepTrying } from "./keep-trying.ts";

/** How far this client read: told to the server as soon as it can be, the last of each conversation. */
export class ReadMarks {
  readonly #echo: Echo;
  readonly #marks = new Map<string, number>();
  readonly #telling = new Set<string>();
  readonly #listeners = new Set<(mark: MarkInput) => void>();
  #closing = new AbortController();

  constructor(echo: Echo) {
    this.#echo = echo;
  }

  /** Up to where this client said that it read; 0 when it did not. */
  of(conversationId: string): number {
    return this.#marks.get(conversationId) ?? 0;
  }

  /** Everything up to and with `seq` is read. */
  mark({ conversationId, seq }: MarkInput): void {
    if (seq <= this.of(conversationId)) return;
    this.#marks.set(conversationId, seq);
    for (const listener of [...this.#listeners]) listener({ conversationId, seq });
    if (!this.#telling.has(conversationId)) void this.#tell(conversationId);
  }

  onMark(listener: (mark: MarkInput) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  clear(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
    this.#marks.clear();
    this.#telling.clear();
  }

  async #tell(conversationId: string): Promise<void> {
    const { signal } = this.#closing;
    this.#telling.add(conversationId);
    let told = 0;
    const load = async () => {
      const seq = this.of(conversationId);
      await this.#echo.realtime.messages.markRead.mutate({ conversationId, seq });
      told = seq;
    };
    try {
      while (!signal.aborted && told < this.of(conversationId)) await keepTrying({ echo: this.#echo, load, signal });
    } catch (error) {
      // Whoever is no member any more has nothing to mark.
      if (errorCode(error) === null) throw error;
    } finally {
      if (!signal.aborted) this.#telling.delete(conversationId);
    }
  }
}
