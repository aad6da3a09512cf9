import type { Db } from "@echo/db";
import type { Logger } from "@echo/platform";
import { appendBatch } from "./repository/events.ts";

const batchSize = 1_000;

/** Calls log_append: one call in flight in this process, and again when somebody asked meanwhile. */
export class Appender {
  readonly #db: Db;
  readonly #logger: Logger;
  readonly #onAppended: (position: number) => void;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor({ db, logger }: { db: Db; logger: Logger }, onAppended: (position: number) => void) {
    this.#db = db;
    this.#logger = logger;
    this.#onAppended = onAppended;
  }

  /** Never throws: what fails now is done by the next call, or by the sweep of any process. */
  soon(): void {
    this.now().catch((error: unknown) => this.#logger.warn("events wait for their position", { error }));
  }

  /** Resolves when everything that was committed before this call has its position. */
  now(): Promise<void> {
    if (!this.#running) return this.#start();
    // The running call may have looked already; the next one is shared by all who ask meanwhile.
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  /** Resolves when nothing is in flight. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => undefined);
    await this.#next?.catch(() => undefined);
  }

  #start(): Promise<void> {
    this.#next = null;
    const running = this.#drain().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #drain(): Promise<void> {
    for (;;) {
      const { from, to } = await appendBatch(this.#db, batchSize);
      if (to > from) this.#onAppended(to);
      if (to - from < batchSize) return;
    }
  }
}
