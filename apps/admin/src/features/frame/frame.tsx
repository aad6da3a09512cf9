"use client";

import { type ReactNode, useState } from "react";
import { Drawer } from "#components/ui/dialog.tsx";
import { StepUpProvider } from "#features/account/step-up-provider.tsx";
import { Header } from "./header.tsx";
import { Navigation } from "./navigation.tsx";
import { Overlays } from "./overlays.tsx";
import { useOverlays } from "./use-overlays.ts";

/** What stands around every page. */
export function Frame({ children }: { children: ReactNode }) {
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const overlays = useOverlays();
  return (
    <StepUpProvider>
      <SkipLink />
      <div className="lg:grid lg:grid-cols-[14rem_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh overflow-y-auto border-r bg-surface lg:block">
          <Navigation />
        </aside>
        <div className="min-w-0">
          <Header onMenu={() => setDrawerOpen(true)} open={overlays.open} />
          <main id="main" tabIndex={-1} className="mx-auto max-w-6xl px-4 py-6 outline-none sm:px-6 lg:px-8">
            {children}
          </main>
        </div>
      </div>
      <Drawer open={isDrawerOpen} onOpenChange={setDrawerOpen} title="Navigation">
        <Navigation onNavigate={() => setDrawerOpen(false)} />
      </Drawer>
      <Overlays {...overlays} />
    </StepUpProvider>
  );
}

function SkipLink() {
  return (
    <a
      href="#main"
      className="sr-only rounded-lg bg-accent px-3 py-2 font-medium text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50"
    >
      Skip to the page
    </a>
  );
}
