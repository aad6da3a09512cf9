"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { problemOf } from "#api/problem.ts";
import { useTRPC, useTRPCClient } from "#api/trpc.ts";
import { Dialog } from "#components/ui/dialog.tsx";
import { CodeForm } from "./code-form.tsx";
import { useStepUp } from "./step-up-provider.tsx";

interface DisableTotpDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

export function DisableTotpDialog({ open, onOpenChange }: DisableTotpDialogProps) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const client = useTRPCClient();
  const withStepUp = useStepUp();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (input: { code: string }) => withStepUp(() => client.admin.totp.disable.mutate(input)),
    meta: { mayBeSignedOut: true },
    onSettled: () => queryClient.invalidateQueries(trpc.admin.me.queryFilter()),
    onSuccess: () => {
      toast.success("The authenticator is removed");
      onOpenChange(false);
    },
  });
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Remove the authenticator"
      description="From then on you confirm destructive acts by a fresh sign-in link. A last code shows that it is you."
    >
      <CodeForm
        submit="Remove"
        look="danger"
        isBusy={isPending}
        error={error ? problemOf(error).message : undefined}
        onCode={mutate}
      />
    </Dialog>
  );
}
