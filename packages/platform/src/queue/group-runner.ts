import { failDeadLetterAgain, lockRequestedLetter, removeDeadLetter } from "./dead-letters.ts";
import { attempt, maxAttempts } from "./deliver.ts";
import { type LaneContext, type StepOutcome, stepLane } from "./lane-step.ts";

const defaultMaxBatch = 500;
/** Lanes of a group that a process works on at once: each takes a connection. */
const maxRunning = 4;
/** A lane that was worked on lets a little come together. */
const restMs = 20;
const firstPauseMs = 100;
const maxPauseMs = 1_000;

/** How a lane fares in this process. */
interface LaneState {
  maxBatch: number;
  /** Transactions that failed one after the other. */
  failures: number;
  /** How often the record at `position` ended a transaction that handled it alone, and by what. */
  faults: number;
  position: number | null;
  lastError: unknown;
}

/** Works on the lanes of one group that have something to do and are nobody else's at the moment. */
export class GroupRunner {
  readonly #context: LaneContext;
  readonly #due = new Set<number>();
  readonly #running = new Map<number, Promise<void>>();
  readonly #resting = new Map<number, NodeJS.Timeout>();
  readonly #states = new Map<number, LaneState>();
  #replaying: Promise<void> | null = null;
  #isStopped = false;

  constructor(context: LaneContext) {
    this.#context = context;
  }

  /** There may be something to do for these lanes. */
  wake(lanes: Iterable<number>): void {
    for (const lane of lanes) this.#due.add(lane);
    this.#pump();
  }

  /** Makes the attempts that were asked for; one run at a time. */
  replay(): void {
    if (this.#isStopped || this.#replaying !== null) return;
    this.#replaying = this.#replayAll().finally(() => {
      this.#replaying = null;
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#resting.values()) clearTimeout(timer);
    await Promise.all([...this.#running.values(), this.#replaying]);
  }

  #pump(): void {
    for (const lane of this.#due) {
      if (this.#isStopped || this.#running.size >= maxRunning) return;
      if (this.#running.has(lane) || this.#resting.has(lane)) continue;
      this.#due.delete(lane);
      this.#running.set(lane, this.#work(lane));
    }
  }

  async #work(lane: number): Promise<void> {
    const outcome = await this.#step(lane);
    this.#running.delete(lane);
    if (outcome === "more" || outcome === "failed") this.#due.add(lane);
    if (outcome !== "more") this.#rest(lane, outcome === "failed" ? this.#pauseMs(lane) : restMs);
    this.#pump();
  }

  #rest(lane: number, ms: number): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#resting.delete(lane);
      this.#pump();
    }, ms);
    this.#resting.set(lane, timer);
  }

  #pauseMs(lane: number): number {
    return Math.min(maxPauseMs, firstPauseMs * 2 ** (this.#stateOf(lane).failures - 1));
  }

  async #step(lane: number): Promise<StepOutcome | "failed"> {
    const { consume, logger } = this.#context;
    const state = this.#stateOf(lane);
    const givesUp = state.faults >= maxAttempts ? { position: state.position ?? 0, error: state.lastError } : null;
    let handling: number | null = null;
    const onHandling = (position: number) => {
      handling = position;
    };
    try {
      const outcome = await stepLane(this.#context, { lane, maxBatch: state.maxBatch, givesUp, onHandling });
      // Somebody else has it: that tells nothing of what it was that failed here.
      if (outcome !== "busy") this.#states.delete(lane);
      return outcome;
    } catch (error) {
      // Once until it works again: a database that is away says nothing new.
      if (state.failures === 0) {
        logger.warn("a consumer's transaction failed; it is tried again", { group: consume.group, lane, error });
      }
      const isItsDoing = handling !== null && (await this.#isDatabaseThere());
      this.#states.set(lane, afterFailure(state, isItsDoing ? { position: handling, error } : null));
      return "failed";
    }
  }

  /** Right after a failure: a database that is away tells nothing of what was being handled. */
  async #isDatabaseThere(): Promise<boolean> {
    return this.#context.db.ping().then(
      () => true,
      () => false,
    );
  }

  #stateOf(lane: number): LaneState {
    const maxBatch = this.#context.consume.maxBatch ?? defaultMaxBatch;
    return this.#states.get(lane) ?? { maxBatch, failures: 0, faults: 0, position: null, lastError: null };
  }

  async #replayAll(): Promise<void> {
    try {
      while (!this.#isStopped && (await this.#replayOne()));
    } catch (error) {
      this.#context.logger.warn("dead letters could not be tried again", { group: this.#context.consume.group, error });
    }
  }

  /** False when there is none. One that takes its transaction down counts as tried, too. */
  async #replayOne(): Promise<boolean> {
    const { db, consume } = this.#context;
    let tried: string | null = null;
    try {
      return await db.transaction(async (tx) => {
        const letter = await lockRequestedLetter(tx, consume.group);
        if (!letter) return false;
        tried = letter.id;
        const fault = await attempt(tx, [letter.record], consume);
        if (fault) await failDeadLetterAgain(tx, letter.id, fault.error);
        else await removeDeadLetter(tx, letter.id);
        return true;
      });
    } catch (error) {
      if (tried === null || !(await this.#isDatabaseThere())) throw error;
      await failDeadLetterAgain(db, tried, error);
      return true;
    }
  }
}

/** A batch that ended its transaction may have been too much for it: the next one is smaller. */
function afterFailure(state: LaneState, fault: { position: number | null; error: unknown } | null): LaneState {
  const failures = state.failures + 1;
  if (fault === null) return { ...state, failures };
  const isOne = state.maxBatch === 1;
  const isSame = state.position === fault.position;
  return {
    failures,
    maxBatch: Math.max(1, Math.floor(state.maxBatch / 4)),
    faults: isOne ? (isSame ? state.faults : 0) + 1 : 0,
    position: fault.position,
    lastError: fault.error,
  };
}
