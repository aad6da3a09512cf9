import { randomUUID } from "node:crypto";
import { pauseUnless } from "../../time/pause-unless.ts";
import type { Consumer } from "../queue.ts";
import { type RelayOptions, RelaySession } from "./relay-session.ts";
import { claimRelay, releaseRelay } from "./relay-state.ts";

const renewMs = 1_000;
/** How soon a relay that died is followed by another: what it held lapses in three seconds. */
const claimEveryMs = 500;
const maxPauseMs = 2_000;
const sweepMs = 1_000;

/** Keeps Kafka at the log's head while it is this process's turn. */
export function startRelay(options: RelayOptions): Consumer {
  const relay = new Relay(options);
  const done = relay.run();
  return {
    async stop() {
      relay.stop();
      await done;
    },
  };
}

class Relay {
  readonly #options: RelayOptions;
  readonly #holder = randomUUID();
  readonly #ending = new AbortController();
  /** One after the other. */
  #failures = 0;
  /** Since the last look at the log. */
  #isWoken = false;
  #endRest: () => void = () => undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#ending.abort();
    this.#wake();
  }

  #wake(): void {
    this.#isWoken = true;
    this.#endRest();
  }

  async run(): Promise<void> {
    const { log, db } = this.#options;
    const { signal } = this.#ending;
    const forget = log.onAdvance(() => this.#wake());
    while (!signal.aborted) {
      try {
        await this.#takeTurn();
        await pauseUnless(signal, claimEveryMs);
      } catch (error) {
        this.#fail(error);
        // Somebody else may be able to.
        await releaseRelay(db, this.#holder).catch(() => undefined);
        await pauseUnless(signal, Math.min(maxPauseMs, claimEveryMs * this.#failures));
      }
    }
    forget();
    await releaseRelay(db, this.#holder).catch(() => undefined);
  }

  #fail(error: unknown): void {
    if (this.#failures === 0) this.#options.logger.warn("the relay to Kafka failed; trying again", { error });
    this.#failures += 1;
  }

  #succeed(): void {
    if (this.#failures > 0) this.#options.logger.info("the relay to Kafka works again", { failures: this.#failures });
    this.#failures = 0;
  }

  /** Until it is over, or somebody else's turn. @throws what ends it */
  async #takeTurn(): Promise<void> {
    const { db, logger } = this.#options;
    const known = await claimRelay(db, this.#holder);
    if (known === null) return;
    const turn = { isOver: false };
    const renewing = setInterval(() => {
      // A database that is away takes the right from nobody; what Kafka gets is read from it.
      claimRelay(db, this.#holder).then(
        (claimed) => {
          turn.isOver ||= claimed === null;
        },
        () => undefined,
      );
    }, renewMs);
    try {
      const session = await RelaySession.open(this.#options, { holder: this.#holder, known });
      logger.info("this process relays the log to Kafka");
      await this.#work(session, turn).finally(() => session.close().catch(() => undefined));
    } finally {
      clearInterval(renewing);
    }
  }

  async #work(session: RelaySession, turn: { readonly isOver: boolean }): Promise<void> {
    const { clock } = this.#options;
    let publishedMs = Number.NEGATIVE_INFINITY;
    while (!turn.isOver && !this.#ending.signal.aborted) {
      this.#isWoken = false;
      const isBusy = await session.step();
      this.#succeed();
      if (clock.monotonicMs() - publishedMs > sweepMs) {
        await session.publishLetters();
        publishedMs = clock.monotonicMs();
      }
      if (!isBusy) await this.#untilWoken();
    }
  }

  /** Or a little later, since a wake-up may be lost. */
  #untilWoken(): Promise<void> {
    if (this.#isWoken) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, sweepMs);
      this.#endRest = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
