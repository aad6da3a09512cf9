"use client";

import {
  Bar,
  BarChart,
  type BarShapeProps,
  CartesianGrid,
  Rectangle,
  ResponsiveContainer,
  Tooltip,
  type TooltipContentProps,
  XAxis,
  YAxis,
} from "recharts";
import { counted, formatNumber } from "#components/format-number.ts";
import { formatTime } from "#components/time/format-time.ts";
import { timeZone } from "#preferences/time-zone.ts";
import type { Hours } from "./hours.ts";

const axis = { tickLine: false, axisLine: false, tick: { fill: "var(--muted)", fontSize: 12 } } as const;

/** Colours are CSS variables, so that the chart follows the theme without being drawn anew. */
export function HoursChart({ hours }: { hours: Hours }) {
  const zone = timeZone.use();
  const hourOf = (startsAt: string): string => formatTime(startsAt, "hour", zone);
  return (
    <figure aria-label={sentenceOf(hours, hourOf)} className="h-72 px-2 py-4">
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={hours} margin={{ top: 4, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis {...axis} dataKey="startsAt" height={20} tickFormatter={hourOf} minTickGap={24} />
          <YAxis {...axis} width={44} allowDecimals={false} tickFormatter={shortNumber} />
          <Tooltip
            cursor={{ fill: "var(--hover)", stroke: "none" }}
            content={(props) => <Tip {...props} hourOf={hourOf} lastHour={hours.at(-1)} />}
          />
          <Bar
            dataKey="messages"
            fill="var(--accent)"
            radius={[3, 3, 0, 0]}
            maxBarSize={28}
            isAnimationActive={false}
            shape={(props: BarShapeProps) => (
              // The last hour is not over: a paler bar.
              <Rectangle {...props} fillOpacity={props.index === hours.length - 1 ? 0.55 : 1} />
            )}
          />
        </BarChart>
      </ResponsiveContainer>
    </figure>
  );
}

const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });
const shortNumber = (value: number): string => compact.format(value);

/** What one sees, for who does not; the figures are in the table. */
function sentenceOf(hours: Hours, hourOf: (startsAt: string) => string): string {
  const most = hours.reduce((best, hour) => (hour.messages > best.messages ? hour : best));
  return `Bars of messages by hour. The most, ${formatNumber(most.messages)}, from ${hourOf(most.startsAt)}.`;
}

type TipProps = Partial<TooltipContentProps> & {
  hourOf(startsAt: string): string;
  /** It is not over yet, and its bar is paler. */
  lastHour: Hours[number] | undefined;
};

function Tip({ active, payload, hourOf, lastHour }: TipProps) {
  const hour: Hours[number] | undefined = payload?.[0]?.payload;
  if (!active || !hour) return null;
  return (
    <div className="rounded-lg border bg-raised px-3 py-2 shadow-lg tabular-nums">
      <p className="text-muted">
        from {hourOf(hour.startsAt)}
        {hour === lastHour && ", so far"}
      </p>
      <p className="font-semibold">{counted(hour.messages, "message")}</p>
      <p>from {counted(hour.activeSenders, "sender")}</p>
    </div>
  );
}
