import { type Db, statement } from "@echo/db";
import type { Clock } from "@echo/platform";
import { type Check, fault, fine, type Verdict, warning } from "./finding.ts";

/** Tokens are judged with so much tolerance (security.md). */
const toleranceMs = 5_000;
const noticeMs = 1_000;
const readings = 3;

export function checkClock(db: Db, clock: Clock): Check {
  return { name: "clock", mend: synchronize, work: async () => judgeSkew(await measureSkewMs(db, clock)) };
}

const synchronize = "timedatectl set-ntp true";

export function judgeSkew(skewMs: number): Verdict {
  const away = Math.abs(skewMs);
  const said = `${(away / 1_000).toFixed(away < 100 ? 3 : 1)} s ${skewMs < 0 ? "before" : "after"} the database`;
  if (away > toleranceMs) {
    return fault(`${said}: more than the ${toleranceMs / 1_000} s that tokens are judged with`, synchronize);
  }
  return away > noticeMs ? warning(said, synchronize) : fine(said);
}

const now = statement<{ at: Date }>("doctor_now", "SELECT clock_timestamp() AS at");

/** Of this machine's clock; positive when it is ahead. The quickest of some readings is the surest. */
async function measureSkewMs(db: Db, clock: Clock): Promise<number> {
  let best = { tripMs: Number.POSITIVE_INFINITY, skewMs: 0 };
  for (let reading = 0; reading < readings; reading += 1) {
    const startedMs = clock.monotonicMs();
    const before = clock.now().getTime();
    const [row] = await db.query(now);
    const tripMs = clock.monotonicMs() - startedMs;
    if (row && tripMs < best.tripMs) best = { tripMs, skewMs: before + tripMs / 2 - row.at.getTime() };
  }
  return best.skewMs;
}
