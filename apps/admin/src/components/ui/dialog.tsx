"use client";

import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { classNames } from "#components/class-names.ts";
import { Button } from "./button.tsx";
import { useReturnFocus } from "./use-return-focus.ts";

interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** On one level with the dialogs: of two, the later one dims the earlier. */
const overlay = "fixed inset-0 z-50 bg-overlay";

export function Dialog({ open, onOpenChange, title, description, children, className }: DialogProps) {
  const focus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={(event) => {
            focus.remember();
            focusFirstInput(event);
          }}
          onCloseAutoFocus={focus.giveBack}
          className={classNames(
            "fixed top-[max(1rem,10dvh)] left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-md -translate-x-1/2 grid-cols-1 gap-4 overflow-y-auto rounded-lg border bg-raised p-6 shadow-xl",
            className,
          )}
        >
          <div className="grid grid-cols-1 gap-1 pr-8">
            <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
            {description && <Radix.Description className="text-muted">{description}</Radix.Description>}
          </div>
          {children}
          <CloseButton />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Where one types; else the dialog itself, not its button to close. */
function focusFirstInput(event: Event): void {
  event.preventDefault();
  const dialog = event.currentTarget;
  if (!(dialog instanceof HTMLElement)) return;
  (dialog.querySelector<HTMLElement>("input:not([type=checkbox])") ?? dialog).focus();
}

interface DrawerProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  children: ReactNode;
}

/** A dialog at the left edge. */
export function Drawer({ open, onOpenChange, title, children }: DrawerProps) {
  const focus = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focus.remember}
          onCloseAutoFocus={focus.giveBack}
          className="fixed inset-y-0 left-0 z-50 flex w-72 max-w-[85vw] flex-col overflow-y-auto border-r bg-surface"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
          <CloseButton />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function CloseButton() {
  return (
    <Radix.Close asChild>
      <Button look="quiet" size="icon" aria-label="Close" className="absolute top-3 right-3">
        <X aria-hidden="true" />
      </Button>
    </Radix.Close>
  );
}
