"use client";

import type { StaffFactor, StaffStepUpInput } from "@echo/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { problemOf } from "#api/problem.ts";
import { useTRPC } from "#api/trpc.ts";
import { Button } from "#components/ui/button.tsx";
import { CodeField } from "#components/ui/code-field.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Field } from "#components/ui/field.tsx";
import { useMe } from "#features/session/use-me.ts";
import { StaffLinkCommand } from "#features/sign-in/staff-link-command.tsx";

/** Asks once more who it is, by everything that the account has. */
export function StepUpDialog({ onEnd }: { onEnd(isConfirmed: boolean): void }) {
  const factors = useMe()?.factors ?? [];
  return (
    <Dialog
      open
      onOpenChange={() => onEnd(false)}
      title="Confirm that it is you"
      description="What you are about to do asks for it. It holds for the next five minutes."
    >
      {factors.length === 0 ? (
        <StaffLinkCommand lead="You signed in by a link: open a fresh one in this browser, then do this again." />
      ) : (
        <ProofForm factors={factors} onDone={() => onEnd(true)} />
      )}
    </Dialog>
  );
}

function ProofForm({ factors, onDone }: { factors: readonly StaffFactor[]; onDone(): void }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [proof, setProof] = useState<StaffStepUpInput>({});
  const { mutate, isPending, error } = useMutation(
    trpc.admin.stepUp.mutationOptions({
      // UNAUTHORIZED says that the proof was wrong, or that nobody is signed in any more: `me` knows.
      meta: { mayBeSignedOut: true },
      onSettled: () => client.invalidateQueries(trpc.admin.me.queryFilter()),
      onSuccess: onDone,
    }),
  );
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        mutate(proof);
      }}
    >
      {factors.includes("password") && (
        <Field
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          onChange={({ target }) => setProof((before) => ({ ...before, password: target.value }))}
        />
      )}
      {factors.includes("totp") && (
        <CodeField required onChange={(code) => setProof((before) => ({ ...before, code }))} />
      )}
      {error && (
        <p role="alert" className="text-danger">
          {problemOf(error).message}
        </p>
      )}
      <Button type="submit" look="primary" size="large" isBusy={isPending}>
        Confirm
      </Button>
    </form>
  );
}
