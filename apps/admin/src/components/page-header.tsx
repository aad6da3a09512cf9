"use client";

import { type ReactNode, useEffect, useRef } from "react";

/** Headings shown since the document was loaded. */
let shown = 0;

/** The head of a page; after a navigation the focus goes here, so that reading goes on at the new page. */
export function PageHeader({ title, children }: { title: string; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (shown > 0) heading.current?.focus();
    shown += 1;
  }, []);
  return (
    <header className="flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold tracking-tight">
        {title}
      </h1>
      {children}
    </header>
  );
}
