import type { Core } from "../core.ts";
import type { Liveness } from "./repository/sessions.ts";

const minuteMs = 60_000;
/** security.md, "Console"; ECHO_LIFETIMES may only shorten it. */
const stepUpMs = 5 * minuteMs;
/** How many times within the idle span a session's lastSeenAt is written: once a minute in 30. */
const touchesPerIdle = 30;

interface Ends {
  lastSeenAt: Date;
  expiresAt: Date;
}

/** When the session ends if nothing more is asked for. */
export const idleEndOf = ({ config }: Core, { lastSeenAt, expiresAt }: Ends): Date =>
  new Date(Math.min(lastSeenAt.getTime() + config.lifetimes.staffIdleMs, expiresAt.getTime()));

/** What a session must be to be alive now. */
export function liveness({ clock, config }: Core): Liveness {
  const now = clock.now();
  return { now, seenAfter: new Date(now.getTime() - config.lifetimes.staffIdleMs) };
}

/** The idle end may lag behind the last call by so much, and no more. */
export const touchEveryMs = ({ config }: Core): number =>
  Math.min(minuteMs, config.lifetimes.staffIdleMs / touchesPerIdle);

/** Until when the proof of every factor counts; null when it does no more. */
export function steppedUpUntil({ clock, config }: Core, steppedUpAt: Date | null): Date | null {
  if (steppedUpAt === null) return null;
  const until = new Date(steppedUpAt.getTime() + Math.min(stepUpMs, config.lifetimes.stepUpMs));
  return until > clock.now() ? until : null;
}
