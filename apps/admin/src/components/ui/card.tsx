import type { ComponentProps, ReactNode } from "react";
import { classNames } from "#components/class-names.ts";

export function Card({ className, ...props }: ComponentProps<"section">) {
  return <section {...props} className={classNames("rounded-lg border bg-surface", className)} />;
}

interface CardHeaderProps {
  title: string;
  /** Of the heading, for the card's aria-labelledby. */
  titleId?: string;
  hint?: ReactNode;
  actions?: ReactNode;
}

export function CardHeader({ title, titleId, hint, actions }: CardHeaderProps) {
  return (
    <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b px-4 py-3">
      <div className="min-w-0">
        <h2 id={titleId} className="font-semibold">
          {title}
        </h2>
        {hint && <p className="text-muted">{hint}</p>}
      </div>
      {actions}
    </header>
  );
}
