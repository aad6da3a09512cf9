"use client";

import { useMutation } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import { useEffect, useRef } from "react";
import { problemOf } from "#api/problem.ts";
import { useTRPC } from "#api/trpc.ts";
import { Button } from "#components/ui/button.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { StaffLinkCommand } from "./staff-link-command.tsx";
import { useExistingSession } from "./use-existing-session.ts";
import { useSignedIn } from "./use-signed-in.ts";

interface LinkSignInProps {
  token: string;
  /** There may be a session of an earlier link. */
  hasCookie: boolean;
  onDone(): void;
}

/** Signs in by the token of a link, at once. */
export function LinkSignIn({ token, hasCookie, onDone }: LinkSignInProps) {
  const trpc = useTRPC();
  const onSuccess = useSignedIn(onDone);
  const { mutate, error } = useMutation(
    trpc.admin.signIn.link.mutationOptions({ onSuccess, meta: { mayBeSignedOut: true } }),
  );
  const isSent = useRef(false);
  useEffect(() => {
    // The token is used up by the first call, whatever becomes of its answer.
    if (isSent.current) return;
    isSent.current = true;
    mutate({ token });
  }, [mutate, token]);
  if (!error) {
    return (
      <p role="status" className="flex items-center gap-2 text-muted">
        <LoaderCircle aria-hidden="true" className="size-4 animate-spin" /> Signing you in
      </p>
    );
  }
  const problem = problemOf(error);
  if (problem.code === "UNAUTHORIZED" || problem.code === "BAD_REQUEST")
    return <UsedLink hasCookie={hasCookie} onGoOn={onDone} />;
  return (
    <div className="grid justify-items-start gap-4">
      <Notice tone="danger" role="alert">
        {problem.message}
      </Notice>
      <Button onClick={() => mutate({ token })}>Try again</Button>
    </div>
  );
}

function UsedLink({ hasCookie, onGoOn }: { hasCookie: boolean; onGoOn(): void }) {
  const session = useExistingSession(hasCookie);
  return (
    <div className="grid gap-4">
      <Notice tone="danger" role="alert">
        This link does not work any more: each signs in once, within 15 minutes, and a fresh one voids those before it.
      </Notice>
      <StaffLinkCommand lead="Get a fresh link in the folder where Echo runs:" />
      {session === "found" && (
        <div className="grid justify-items-start gap-2">
          <p className="text-muted">You are still signed in from before.</p>
          <Button onClick={onGoOn}>Go on to the console</Button>
        </div>
      )}
    </div>
  );
}
