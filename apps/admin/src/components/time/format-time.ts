import type { TimeZone } from "#preferences/time-zone.ts";

/** `clock` 14:03:22 · `hour` 14:00 · `full` Wed 25 Nov 2026, 14:03:22 UTC */
export type TimeStyle = "clock" | "hour" | "full";

const options: Record<TimeStyle, Intl.DateTimeFormatOptions> = {
  clock: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  hour: { hour: "2-digit", minute: "2-digit" },
  full: {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  },
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** The console speaks English and 24 hours, wherever it is read. */
export function formatTime(at: string | number, style: TimeStyle, zone: TimeZone): string {
  const key = `${style} ${zone}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      ...options[style],
      hourCycle: "h23",
      ...(zone === "utc" ? { timeZone: "UTC" } : {}),
    });
    formats.set(key, format);
  }
  return format.format(new Date(at));
}
