import { classNames } from "#components/class-names.ts";

/** Echo's sign: a voice and what comes back. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" className={classNames("size-7 text-accent", className)}>
      <rect width="32" height="32" rx="8" fill="currentColor" />
      <g fill="none" stroke="var(--on-accent)" strokeWidth="3" strokeLinecap="round">
        <path d="M11 11v10" />
        <path d="M16.5 9.5a9.5 9.5 0 0 1 0 13" />
        <path d="M21.5 6.5a14.5 14.5 0 0 1 0 19" />
      </g>
    </svg>
  );
}
