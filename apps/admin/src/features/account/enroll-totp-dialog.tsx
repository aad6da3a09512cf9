"use client";

import type { StaffTotpEnrollment } from "@echo/contracts";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { problemOf } from "#api/problem.ts";
import { useTRPCClient } from "#api/trpc.ts";
import { ProblemState } from "#components/states/problem-state.tsx";
import { CopyText } from "#components/ui/copy-text.tsx";
import { Dialog } from "#components/ui/dialog.tsx";
import { Skeleton, Skeletons } from "#components/ui/skeleton.tsx";
import { QrCode } from "./qr-code.tsx";
import { useStepUp } from "./step-up-provider.tsx";
import { TotpChangeForm } from "./totp-change-form.tsx";

interface EnrollTotpDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

export function EnrollTotpDialog({ open, onOpenChange }: EnrollTotpDialogProps) {
  const client = useTRPCClient();
  const withStepUp = useStepUp();
  const { mutate, data, error } = useMutation({
    mutationFn: () => withStepUp(() => client.admin.totp.enroll.mutate()),
  });
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    mutate();
  }, [mutate]);
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Set up an authenticator"
      description="An app that shows a new six-digit code every 30 seconds. With it you confirm what asks for a confirmation."
    >
      {error ? (
        <ProblemState title="It could not be begun" problem={problemOf(error)} onRetry={mutate} />
      ) : data ? (
        <Enrollment enrollment={data} onDone={() => onOpenChange(false)} />
      ) : (
        <Waiting />
      )}
    </Dialog>
  );
}

function Enrollment({ enrollment: { uri, secret }, onDone }: { enrollment: StaffTotpEnrollment; onDone(): void }) {
  return (
    <div className="grid gap-4">
      <div className="grid justify-items-center gap-3">
        <QrCode text={uri} label="QR code for the authenticator" />
        <p className="text-muted">No camera? Type this secret into the app:</p>
        <CopyText text={secret} label="Copy the secret" />
      </div>
      <TotpChangeForm
        change="confirm"
        submit="Confirm"
        look="primary"
        success="The authenticator is set up"
        onDone={onDone}
      />
    </div>
  );
}

function Waiting() {
  return (
    <Skeletons className="grid grid-cols-1 justify-items-center gap-3">
      <Skeleton className="size-48" />
      <Skeleton className="h-5 w-56" />
      <Skeleton className="h-9 w-72 max-w-full" />
      <Skeleton className="h-28 w-full" />
    </Skeletons>
  );
}
