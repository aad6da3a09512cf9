"use client";

import { Clock } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { timeZone } from "#preferences/time-zone.ts";

/** Incidents are talked about in UTC, days are lived in local time. */
export function TimeZoneToggle() {
  const isUtc = timeZone.use() === "utc";
  return (
    <Button
      look="quiet"
      aria-pressed={isUtc}
      aria-label="Show times in UTC"
      title={isUtc ? "Times are in UTC" : "Times are in your zone"}
      className="w-20 px-2 aria-pressed:text-accent"
      onClick={() => timeZone.set(isUtc ? "local" : "utc")}
    >
      <Clock aria-hidden="true" />
      {isUtc ? "UTC" : "Local"}
    </Button>
  );
}
