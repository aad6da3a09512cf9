import { type Lane, nameOf } from "./checkpoints.ts";
import { maxAttempts } from "./deliver.ts";
import type { LaneContext, Step } from "./lane-step.ts";

const defaultMaxBatch = 500;
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

/** Tries what lanes have to do: after a failure with smaller batches, until the record at fault is found and given up. */
export class LaneTries {
  readonly #context: LaneContext;
  readonly #states = new Map<string, LaneState>();

  constructor(context: LaneContext) {
    this.#context = context;
  }

  /** Null when it failed; then there is a pause to be made. */
  async try<Outcome>(lane: Lane, work: (step: Step) => Promise<Outcome | "busy">): Promise<Outcome | "busy" | null> {
    const { consume, logger } = this.#context;
    const state = this.#stateOf(lane);
    const givesUp = state.faults >= maxAttempts ? { position: state.position ?? 0, error: state.lastError } : null;
    let handling: number | null = null;
    const onHandling = (position: number) => {
      handling = position;
    };
    try {
      const outcome = await work({ lane, maxBatch: state.maxBatch, givesUp, onHandling });
      // Somebody else has it: that tells nothing of what it was that failed here.
      if (outcome !== "busy") this.#states.delete(nameOf(lane));
      return outcome;
    } catch (error) {
      // Once until it works again: a database that is away says nothing new.
      if (state.failures === 0) {
        const { group } = consume;
        logger.warn("a consumer's transaction failed; it is tried again", { group, lane: nameOf(lane), error });
      }
      const isItsDoing = handling !== null && (await this.isDatabaseThere());
      this.#states.set(nameOf(lane), afterFailure(state, isItsDoing ? { position: handling, error } : null));
      return null;
    }
  }

  pauseMs(lane: Lane): number {
    return Math.min(maxPauseMs, firstPauseMs * 2 ** (this.#stateOf(lane).failures - 1));
  }

  /** Right after a failure: a database that is away tells nothing of what was being handled. */
  async isDatabaseThere(): Promise<boolean> {
    return this.#context.db.ping().then(
      () => true,
      () => false,
    );
  }

  #stateOf(lane: Lane): LaneState {
    const maxBatch = this.#context.consume.maxBatch ?? defaultMaxBatch;
    return this.#states.get(nameOf(lane)) ?? { maxBatch, failures: 0, faults: 0, position: null, lastError: null };
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
