import { randomUUID } from "node:crypto";
import { pauseUnless } from "../../time/pause-unless.ts";
import type { Consumer } from "../queue.ts";
import { type RelayOptions, RelaySession } from "./relay-session.ts";
import { releaseRelay } from "./relay-state.ts";

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
    const { log, logger, db } = this.#options;
    const { signal } = this.#ending;
    const forget = log.onAdvance(() => this.#wake());
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#takeTurn(() => {
          if (failures > 0) logger.info("the relay to Kafka works again", { failures });
          failures = 0;
        });
        await pauseUnless(signal, claimEveryMs);
      } catch (error) {
        if (failures === 0) logger.warn("the relay to Kafka failed; trying again", { error });
        failures += 1;
        await pauseUnless(signal, Math.min(maxPauseMs, claimEveryMs * failures));
      }
    }
    forget();
    await releaseRelay(db, this.#holder).catch(() => undefined);
  }

  /** Until it is over, or somebody else's turn. @throws what ends it */
  async #takeTurn(onWork: () => void): Promise<void> {
    const session = await RelaySession.open(this.#options, this.#holder);
    if (session === null) return;
    this.#options.logger.info("this process relays the log to Kafka");
    const turn = { isOver: false };
    const renewing = setInterval(() => {
      // A database that is away takes the right from nobody; what Kafka gets is read from it.
      session.renew().then(
        (isOurs) => {
          turn.isOver ||= !isOurs;
        },
        () => undefined,
      );
    }, renewMs);
    try {
      while (!turn.isOver && !this.#ending.signal.aborted) {
        this.#isWoken = false;
        if (await session.step()) onWork();
        else if ((await session.publishLetters()) === 0) await this.#untilWoken();
      }
    } finally {
      clearInterval(renewing);
      await session.close().catch(() => undefined);
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
