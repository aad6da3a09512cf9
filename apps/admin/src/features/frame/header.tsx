"use client";

import { Menu, Search } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Kbd } from "#components/ui/kbd.tsx";
import { AccountMenu } from "./account-menu.tsx";
import { CommandKey } from "./command-key.tsx";
import { TimeZoneToggle } from "./time-zone-toggle.tsx";
import type { Overlay } from "./use-overlays.ts";

interface HeaderProps {
  onMenu(): void;
  open(overlay: Overlay): void;
}

export function Header({ onMenu, open }: HeaderProps) {
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-b bg-surface px-3 sm:px-6 lg:px-8">
      <Button look="quiet" size="icon" aria-label="Open the navigation" className="lg:hidden" onClick={onMenu}>
        <Menu aria-hidden="true" />
      </Button>
      <Button
        className="min-w-0 shrink justify-start px-3 font-normal text-muted sm:w-64"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => open("palette")}
      >
        <Search aria-hidden="true" />
        <span className="truncate">Search</span>
        <span className="ml-auto hidden items-center gap-1 sm:flex" aria-hidden="true">
          <CommandKey /> <Kbd>K</Kbd>
        </span>
      </Button>
      <div className="ml-auto flex items-center gap-1">
        <TimeZoneToggle />
        <AccountMenu open={open} />
      </div>
    </header>
  );
}
