import type { Tx } from "@echo/db";
import { type Lane, nameOf } from "./checkpoints.ts";
import { failDeadLetterAgain, lockRequestedLetter, type RequestedLetter, removeDeadLetters } from "./dead-letters.ts";
import { attempt } from "./deliver.ts";
import { type LaneContext, stepLane } from "./lane-step.ts";
import { LaneTries } from "./lane-tries.ts";
import { parseRecord, unpackRecord } from "./record-format.ts";

/** Lanes of a group that a process works on at once: each takes a connection. */
const maxRunning = 4;
/** A lane that was worked on lets a little come together. */
const restMs = 20;

/** Works on the lanes of one group that have something to do and are nobody else's at the moment. */
export class GroupRunner {
  readonly #context: LaneContext;
  readonly #tries: LaneTries;
  /** By name, as the two below. */
  readonly #due = new Map<string, Lane>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #resting = new Map<string, NodeJS.Timeout>();
  #replaying: Promise<void> | null = null;
  #isStopped = false;

  constructor(context: LaneContext) {
    this.#context = context;
    this.#tries = new LaneTries(context);
  }

  /** There may be something to do for these lanes. */
  wake(lanes: Iterable<Lane>): void {
    for (const lane of lanes) this.#due.set(nameOf(lane), lane);
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
    for (const [name, lane] of this.#due) {
      if (this.#isStopped || this.#running.size >= maxRunning) return;
      if (this.#running.has(name) || this.#resting.has(name)) continue;
      this.#due.delete(name);
      this.#running.set(name, this.#work(lane));
    }
  }

  async #work(lane: Lane): Promise<void> {
    const outcome = await this.#tries.try(lane, (step) => stepLane(this.#context, step));
    const isUnfinished = outcome === "more" || outcome === null;
    this.#running.delete(nameOf(lane));
    if (isUnfinished) this.#due.set(nameOf(lane), lane);
    if (outcome !== "more") this.#rest(lane, outcome === null ? this.#tries.pauseMs(lane) : restMs);
    this.#pump();
  }

  #rest(lane: Lane, ms: number): void {
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#resting.delete(nameOf(lane));
      this.#pump();
    }, ms);
    this.#resting.set(nameOf(lane), timer);
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
        const fault = await this.#attempt(tx, letter);
        if (fault) await failDeadLetterAgain(tx, letter.id, fault.error);
        else await removeDeadLetters(tx, [letter.id]);
        return true;
      });
    } catch (error) {
      if (tried === null || !(await this.#tries.isDatabaseThere())) throw error;
      await failDeadLetterAgain(db, tried, error);
      return true;
    }
  }

  /** What could not be read is read once more, by what this version knows. */
  async #attempt(tx: Tx, { record, raw }: RequestedLetter): Promise<{ error: unknown } | null> {
    const { consume, log } = this.#context;
    if (raw === null) return attempt(tx, [record], consume);
    const incoming = parseRecord(unpackRecord(raw), log);
    if (incoming.kind !== "record") return { error: incoming.fault };
    // What was taken for none of Echo's was missing in its place, and was handled from the log.
    return record.epoch === "" ? null : attempt(tx, [incoming.record], consume);
  }
}
