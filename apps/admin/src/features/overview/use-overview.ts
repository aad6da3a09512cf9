"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "#api/trpc.ts";

const everyMs = 5_000;

/** The state of the system, asked for while somebody looks. */
export function useOverview() {
  // The next round is the next try: a retry in between would only hide that the last one failed.
  return useQuery(useTRPC().admin.overview.queryOptions(undefined, { refetchInterval: everyMs, retry: false }));
}
