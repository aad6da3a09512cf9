"use client";

import { Command } from "cmdk";
import { useRouter } from "next/navigation";
import { useTheme } from "next-themes";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { Kbd } from "#components/ui/kbd.tsx";
import { useReturnFocus } from "#components/ui/use-return-focus.ts";
import type { Overlay } from "#features/frame/use-overlays.ts";
import { useMe } from "#features/session/use-me.ts";
import { useSignOut } from "#features/session/use-sign-out.ts";
import { timeZone } from "#preferences/time-zone.ts";
import type { PaletteContext, PaletteItem } from "./palette-source.ts";
import { paletteSources } from "./sources.ts";

interface CommandPaletteProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  openOverlay(overlay: Overlay): void;
}

/** Everything that can be gone to or done, by a few letters of its name. */
export function CommandPalette({ open, onOpenChange, openOverlay }: CommandPaletteProps) {
  const focus = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={focus.remember}
          onCloseAutoFocus={focus.giveBack}
          className="fixed top-[max(1rem,12dvh)] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 overflow-hidden rounded-lg border bg-raised shadow-xl"
        >
          <Dialog.Title className="sr-only">Command palette</Dialog.Title>
          <Palette close={() => onOpenChange(false)} openOverlay={openOverlay} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Palette({ close, openOverlay }: { close(): void; openOverlay(overlay: Overlay): void }) {
  const [query, setQuery] = useState("");
  const context = usePaletteContext(openOverlay);
  const items = paletteSources.flatMap((source) => source(query.trim(), context));
  const groups = [...new Set(items.map(({ group }) => group))];
  return (
    <Command label="Command palette" loop>
      <Command.Input
        value={query}
        onValueChange={setQuery}
        placeholder="Where to, or what to do?"
        className="h-12 w-full border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-[min(24rem,60dvh)] overflow-y-auto p-2">
        <Command.Empty className="px-2 py-8 text-center text-muted">Nothing is called that.</Command.Empty>
        {groups.map((group) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
          >
            {items
              .filter((item) => item.group === group)
              .map((item) => (
                <Item key={item.id} item={item} close={close} />
              ))}
          </Command.Group>
        ))}
      </Command.List>
    </Command>
  );
}

function Item({ item, close }: { item: PaletteItem; close(): void }) {
  const { id, label, icon: Icon, keywords = [], keys = [], run } = item;
  return (
    <Command.Item
      value={id}
      keywords={[label, ...keywords]}
      onSelect={() => {
        close();
        run();
      }}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 py-1.5 data-[selected=true]:bg-hover"
    >
      <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" />
      {label}
      <span aria-hidden="true" className="ml-auto flex gap-1">
        {keys.map((key) => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </Command.Item>
  );
}

function usePaletteContext(openOverlay: (overlay: Overlay) => void): PaletteContext {
  const router = useRouter();
  const { theme = "system", setTheme } = useTheme();
  return {
    role: useMe()?.staff.role ?? "viewer",
    theme,
    timeZone: timeZone.use(),
    navigate: (path) => router.push(path),
    setTheme,
    setTimeZone: timeZone.set,
    openShortcuts: () => openOverlay("shortcuts"),
    signOut: useSignOut(),
  };
}
