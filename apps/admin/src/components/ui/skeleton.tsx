import { classNames } from "#components/class-names.ts";

/** Holds the place of what is not here yet. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={classNames("block animate-pulse rounded-md bg-hover", className)} />;
}
