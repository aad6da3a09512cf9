"use client";

import { timeZone } from "#preferences/time-zone.ts";
import { formatTime, type TimeStyle } from "./format-time.ts";

/** A moment in the reader's zone, or in UTC where that is chosen; the whole of it on hover. */
export function Time({ at, style = "clock" }: { at: string | number; style?: TimeStyle }) {
  const zone = timeZone.use();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatTime(at, "full", zone)} className="tabular-nums">
      {formatTime(at, style, zone)}
    </time>
  );
}
