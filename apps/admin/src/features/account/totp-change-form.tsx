"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { problemOf } from "#api/problem.ts";
import { useTRPC, useTRPCClient } from "#api/trpc.ts";
import { CodeForm } from "./code-form.tsx";
import { useStepUp } from "./step-up-provider.tsx";

interface TotpChangeFormProps {
  change: "confirm" | "disable";
  submit: string;
  look: "primary" | "danger";
  /** Said once it is done. */
  success: string;
  onDone(): void;
}

/** Changes the authenticator by a code of it, after a confirmation where one is asked for. */
export function TotpChangeForm({ change, submit, look, success, onDone }: TotpChangeFormProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const client = useTRPCClient();
  const withStepUp = useStepUp();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (input: { code: string }) => withStepUp(() => client.admin.totp[change].mutate(input)),
    meta: { mayBeSignedOut: true },
    onSettled: () => queryClient.invalidateQueries(trpc.admin.me.queryFilter()),
    onSuccess: () => {
      toast.success(success);
      onDone();
    },
  });
  return (
    <CodeForm
      submit={submit}
      look={look}
      isBusy={isPending}
      error={error ? problemOf(error).message : undefined}
      onCode={mutate}
    />
  );
}
