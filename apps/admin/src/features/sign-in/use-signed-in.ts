"use client";

import type { StaffMe } from "@echo/contracts";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTRPC } from "#api/trpc.ts";

/** What follows each way of signing in: who it is is known, and the console opens. */
export function useSignedIn(onDone: () => void): (me: StaffMe) => void {
  const client = useQueryClient();
  const trpc = useTRPC();
  return useCallback(
    (me) => {
      client.clear();
      client.setQueryData(trpc.admin.me.queryKey(), me);
      onDone();
    },
    [client, trpc, onDone],
  );
}
