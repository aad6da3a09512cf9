"use client";

import type { UseQueryResult } from "@tanstack/react-query";
import { classNames } from "#components/class-names.ts";
import { Time } from "#components/time/time.tsx";

type Polled = Pick<UseQueryResult, "data" | "dataUpdatedAt" | "isError" | "fetchStatus">;

/** How old polled data is; what stands on the screen stays there when a poll fails, and this says so. */
export function Freshness({ query }: { query: Polled }) {
  const { data, dataUpdatedAt, isError, fetchStatus } = query;
  if (data === undefined) return null;
  const isStale = isError || fetchStatus === "paused";
  return (
    <p className={classNames("flex items-center gap-2 text-muted", isStale && "font-medium text-warning")}>
      <Dot isStale={isStale} />
      <span>
        {isStale ? "Last updated " : "Updated "}
        <Time at={dataUpdatedAt} />
        {/* Read out when it changes from one to the other, not with every round. */}
        <span role="status">{isStale && ", retrying"}</span>
      </span>
    </p>
  );
}

function Dot({ isStale }: { isStale: boolean }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 8 8"
      className={classNames("size-2", isStale ? "text-warning" : "text-success")}
    >
      {isStale ? (
        <circle cx="4" cy="4" r="3" fill="none" stroke="currentColor" strokeWidth="2" />
      ) : (
        <circle cx="4" cy="4" r="4" fill="currentColor" />
      )}
    </svg>
  );
}
