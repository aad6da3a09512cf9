"use client";

import { Dialog } from "#components/ui/dialog.tsx";
import { TotpChangeForm } from "./totp-change-form.tsx";

interface DisableTotpDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

export function DisableTotpDialog({ open, onOpenChange }: DisableTotpDialogProps) {
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Remove the authenticator"
      description="From then on you confirm destructive acts by a fresh sign-in link. A last code shows that it is you."
    >
      <TotpChangeForm
        change="disable"
        submit="Remove"
        look="danger"
        success="The authenticator is removed"
        onDone={() => onOpenChange(false)}
      />
    </Dialog>
  );
}
