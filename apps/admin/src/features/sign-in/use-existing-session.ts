"use client";

import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "#api/trpc.ts";

/** @param isWorthAsking false while nothing speaks for one */
export function useExistingSession(isWorthAsking: boolean): "asking" | "none" | "found" {
  const trpc = useTRPC();
  const { isSuccess, isError } = useQuery(
    trpc.admin.me.queryOptions(undefined, {
      enabled: isWorthAsking,
      retry: false,
      staleTime: 0,
      meta: { mayBeSignedOut: true },
    }),
  );
  if (!isWorthAsking || isError) return "none";
  return isSuccess ? "found" : "asking";
}
