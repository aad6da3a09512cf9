"use client";

import type { StaffMe } from "@echo/contracts";
import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "#api/trpc.ts";

/** Who is signed in; undefined until it is known. */
export function useMe(): StaffMe | undefined {
  return useQuery(useTRPC().admin.me.queryOptions(undefined, { staleTime: 60_000 })).data;
}
