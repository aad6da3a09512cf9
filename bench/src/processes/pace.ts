import { setTimeout as wait } from "node:timers/promises";

export interface Pace {
  perSecond: number;
  total: number;
}

/** Calls `act` at a steady rate. It sleeps in between, and makes good at once what a late timer left undone. */
export async function pace({ perSecond, total }: Pace, act: (index: number) => void): Promise<void> {
  const startedMs = performance.now();
  const dueMs = 1_000 / perSecond;
  for (let done = 0; done < total; ) {
    const due = Math.min(total, Math.floor((performance.now() - startedMs) / dueMs) + 1);
    for (; done < due; done++) act(done);
    if (done < total) await wait(Math.max(1, startedMs + done * dueMs - performance.now()));
  }
}

/** Nanoseconds of the clock that all processes of this machine share. */
export const nowNs = (): number => Number(process.hrtime.bigint());
