"use client";

import { useMutation } from "@tanstack/react-query";
import { toast } from "sonner";
import { problemOf } from "#api/problem.ts";
import { useTRPC } from "#api/trpc.ts";
import { leaveSignedOut } from "./leave.ts";

/** Ends the session on the server first: what only forgets a cookie is no sign-out. */
export function useSignOut(): () => void {
  const trpc = useTRPC();
  const { mutate } = useMutation(
    trpc.admin.signOut.mutationOptions({
      onSuccess: leaveSignedOut,
      onError: (error) => toast.error("You are still signed in", { description: problemOf(error).message }),
    }),
  );
  return () => mutate();
}
