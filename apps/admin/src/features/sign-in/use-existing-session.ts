"use client";

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTRPC } from "#api/trpc.ts";

interface ExistingSession {
  /** False while nothing speaks for one. */
  isWorthAsking: boolean;
  onFound(): void;
}

/** Whoever is signed in already has no business here. */
export function useExistingSession({ isWorthAsking, onFound }: ExistingSession): "asking" | "none" {
  const trpc = useTRPC();
  const { isSuccess, isError } = useQuery(
    trpc.admin.me.queryOptions(undefined, {
      enabled: isWorthAsking,
      retry: false,
      staleTime: 0,
      meta: { mayBeSignedOut: true },
    }),
  );
  useEffect(() => {
    if (isWorthAsking && isSuccess) onFound();
  }, [isWorthAsking, isSuccess, onFound]);
  return isWorthAsking && !isError ? "asking" : "none";
}
