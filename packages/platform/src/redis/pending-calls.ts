import type { Clock } from "../clock/clock.ts";

interface Call {
  startedMs: number;
  reject(error: Error): void;
}

interface PendingCallsOptions {
  clock: Clock;
  /** How long a call may wait. */
  deadlineMs: number;
  /** One waited too long: whoever hears it rejects them all. */
  onOverdue(): void;
}

const lookEveryMs = 25;

/** Calls that wait for an answer, oldest first; one timer for all of them. */
export class PendingCalls {
  readonly #options: PendingCallsOptions;
  readonly #calls = new Set<Call>();
  #timer: NodeJS.Timeout | null = null;
  #lookedAtMs = 0;
  /** The look before found the process busy. */
  #wasBusy = false;

  constructor(options: PendingCallsOptions) {
    this.#options = options;
  }

  /** Settles as `work` does, or when all are rejected. */
  add<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = { startedMs: this.#options.clock.monotonicMs(), reject };
      this.#calls.add(call);
      this.#watch();
      work.then(
        (value) => {
          this.#calls.delete(call);
          resolve(value);
        },
        (error: unknown) => {
          this.#calls.delete(call);
          reject(error);
        },
      );
    });
  }

  rejectAll(error: Error): void {
    const calls = [...this.#calls];
    this.#calls.clear();
    for (const call of calls) call.reject(error);
  }

  #watch(): void {
    if (this.#timer) return;
    this.#lookedAtMs = this.#options.clock.monotonicMs();
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  #look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    // A process that was busy itself may have answers in its sockets that it has not read yet; until the next look it reads.
    const isGrace = !this.#wasBusy && nowMs - this.#lookedAtMs > 2 * lookEveryMs;
    this.#wasBusy = isGrace;
    this.#lookedAtMs = nowMs;
    const [oldest] = this.#calls;
    if (!oldest) {
      if (this.#timer) clearInterval(this.#timer);
      this.#timer = null;
    } else if (!isGrace && nowMs - oldest.startedMs > this.#options.deadlineMs) {
      this.#options.onOverdue();
    }
  }
}
