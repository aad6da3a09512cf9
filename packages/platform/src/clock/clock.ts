/** Time as an argument, so that a test can move it. */
export interface Clock {
  /** The wall clock. */
  now(): Date;
  /** Milliseconds that never go back, from an arbitrary start: for durations. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

export interface ManualClock extends Clock {
  /** Moves both clocks forward. */
  advance(ms: number): void;
  /** Sets the wall clock alone, as an operator or NTP would. */
  setWallClock(date: Date): void;
}

/** A clock that stands still until a test moves it. */
export function createManualClock(start: Date = new Date("2026-01-01T00:00:00.000Z")): ManualClock {
  let wallMs = start.getTime();
  let monotonicMs = 0;
  return {
    now: () => new Date(wallMs),
    monotonicMs: () => monotonicMs,
    advance(ms) {
      wallMs += ms;
      monotonicMs += ms;
    },
    setWallClock(date) {
      wallMs = date.getTime();
    },
  };
}
