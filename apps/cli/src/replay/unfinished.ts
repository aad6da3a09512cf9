/** What must come to its end before what it stands on may go. */
export class Unfinished {
  readonly #works = new Set<Promise<unknown>>();
  #isOver = false;

  /** @throws once `end` was called */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isOver) throw new Error("It is being stopped.");
    const running = work();
    this.#works.add(running);
    try {
      return await running;
    } finally {
      this.#works.delete(running);
    }
  }

  /** Nothing begins any more, and what was begun has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.allSettled(this.#works);
  }
}
