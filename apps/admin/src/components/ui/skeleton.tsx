import type { ReactNode } from "react";
import { classNames } from "#components/class-names.ts";

/** Holds the place of what is not here yet. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={classNames("block animate-pulse rounded-md bg-hover", className)} />;
}

/** The places of a whole view, said once to who does not see them. */
export function Skeletons({ className, children }: { className: string; children: ReactNode }) {
  return (
    <div aria-busy="true" className={className}>
      <span className="sr-only">Loading</span>
      {children}
    </div>
  );
}
