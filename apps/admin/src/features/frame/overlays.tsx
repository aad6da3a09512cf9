"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";
import { Toaster } from "./toaster.tsx";
import type { Overlay, OverlayState } from "./use-overlays.ts";

// Each is loaded when it is first asked for.
const CommandPalette = dynamic(() => import("#features/palette/command-palette.tsx").then((m) => m.CommandPalette));
const ShortcutsDialog = dynamic(() => import("./shortcuts-dialog.tsx").then((m) => m.ShortcutsDialog));
const EnrollTotpDialog = dynamic(() =>
  import("#features/account/enroll-totp-dialog.tsx").then((m) => m.EnrollTotpDialog),
);
const DisableTotpDialog = dynamic(() =>
  import("#features/account/disable-totp-dialog.tsx").then((m) => m.DisableTotpDialog),
);

export function Overlays({ overlay, open, close }: OverlayState) {
  const wasOpened = useOpened(overlay);
  const propsOf = (name: Overlay) => ({
    open: overlay === name,
    onOpenChange: (isOpen: boolean) => (isOpen ? open(name) : close()),
  });
  return (
    <>
      {wasOpened("palette") && <CommandPalette {...propsOf("palette")} openOverlay={open} />}
      {wasOpened("shortcuts") && <ShortcutsDialog {...propsOf("shortcuts")} />}
      {overlay === "enrollTotp" && <EnrollTotpDialog {...propsOf("enrollTotp")} />}
      {overlay === "disableTotp" && <DisableTotpDialog {...propsOf("disableTotp")} />}
      <Toaster />
    </>
  );
}

/** Whether one was opened before: it stays, so that it can close in its own way. */
function useOpened(overlay: Overlay | null): (name: Overlay) => boolean {
  const [opened, setOpened] = useState<ReadonlySet<Overlay>>(new Set());
  useEffect(() => {
    if (overlay) setOpened((before) => new Set(before).add(overlay));
  }, [overlay]);
  return (name) => overlay === name || opened.has(name);
}
