"use client";

import type { ReactNode } from "react";
import { Dialog } from "#components/ui/dialog.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { pages } from "#navigation.ts";
import { singleKeys } from "#preferences/single-keys.ts";
import { CommandKey } from "./command-key.tsx";

interface ShortcutsDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

export function ShortcutsDialog({ open, onOpenChange }: ShortcutsDialogProps) {
  const areOn = singleKeys.use() === "on";
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Keyboard shortcuts">
      <dl className="grid gap-1">
        <Shortcut does="Open the command palette">
          <CommandKey /> <Kbd>K</Kbd>
        </Shortcut>
        <Shortcut does="Close what lies on top">
          <Kbd>Esc</Kbd>
        </Shortcut>
        {areOn && (
          <>
            <Shortcut does="Show this list">
              <Kbd>?</Kbd>
            </Shortcut>
            {pages.map(({ path, title, key }) => (
              <Shortcut key={path} does={`Go to ${title}`}>
                <Kbd>G</Kbd> then <Kbd>{key.toUpperCase()}</Kbd>
              </Shortcut>
            ))}
          </>
        )}
      </dl>
      <label className="flex min-h-9 items-center gap-3 border-t pt-4">
        <input
          type="checkbox"
          className="size-4 shrink-0 accent-accent"
          checked={areOn}
          onChange={({ target }) => singleKeys.set(target.checked ? "on" : "off")}
        />
        <span>
          Shortcuts of single keys
          <span className="block text-muted">Turn them off when you dictate to your computer.</span>
        </span>
      </label>
    </Dialog>
  );
}

function Shortcut({ does, children }: { does: string; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4">
      <dt>{does}</dt>
      <dd className="flex items-center gap-1 text-muted">{children}</dd>
    </div>
  );
}
