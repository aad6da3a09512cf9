"use client";

import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "#components/class-names.ts";

const item =
  "relative flex min-h-9 cursor-default items-center gap-2 rounded-md px-2 py-1.5 outline-none select-none data-highlighted:bg-hover [&_svg]:size-4 [&_svg]:shrink-0";

/** Not modal: what lies around it stays within reach, by eye and by screen reader. */
export function MenuRoot(props: ComponentProps<typeof DropdownMenu.Root>) {
  return <DropdownMenu.Root modal={false} {...props} />;
}

export const MenuTrigger = DropdownMenu.Trigger;
export const MenuRadioGroup = DropdownMenu.RadioGroup;

/** Beside its trigger in the document, so that it lies within the same landmark. */
export function MenuContent({ className, ...props }: ComponentProps<typeof DropdownMenu.Content>) {
  return (
    <DropdownMenu.Content
      align="end"
      sideOffset={8}
      collisionPadding={8}
      {...props}
      className={classNames("z-50 w-72 max-w-[calc(100vw-1rem)] rounded-lg border bg-raised p-1 shadow-lg", className)}
    />
  );
}

export function MenuItem({ className, ...props }: ComponentProps<typeof DropdownMenu.Item>) {
  return <DropdownMenu.Item {...props} className={classNames(item, "[&_svg]:text-muted", className)} />;
}

export function MenuRadioItem({ children, ...props }: ComponentProps<typeof DropdownMenu.RadioItem>) {
  return (
    <DropdownMenu.RadioItem {...props} className={classNames(item, "pl-8")}>
      <Mark />
      {children}
    </DropdownMenu.RadioItem>
  );
}

export function MenuCheckboxItem({ children, ...props }: ComponentProps<typeof DropdownMenu.CheckboxItem>) {
  return (
    <DropdownMenu.CheckboxItem {...props} className={classNames(item, "pl-8")}>
      <Mark />
      {children}
    </DropdownMenu.CheckboxItem>
  );
}

function Mark() {
  return (
    <DropdownMenu.ItemIndicator className="absolute left-2 text-accent">
      <Check aria-hidden="true" />
    </DropdownMenu.ItemIndicator>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-2 pb-1 text-xs text-muted">{children}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="-mx-1 my-1 h-px bg-line" />;
}
