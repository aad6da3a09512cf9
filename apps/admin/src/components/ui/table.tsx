import type { ComponentProps } from "react";
import { classNames } from "#components/class-names.ts";

/** A table that scrolls within itself where it does not fit; the page never scrolls sideways. */
export function Table({ className, ...props }: ComponentProps<"table">) {
  return (
    <div className="overflow-x-auto">
      <table {...props} className={classNames("w-full border-collapse", className)} />
    </div>
  );
}

const cell = "h-10 border-b px-2 first:pl-4 last:pr-4 [tr:last-child>&]:border-b-0 sm:px-4";

interface CellProps {
  /** At the right edge, digits below digits. */
  isNumber?: boolean;
}

export function HeadCell({ isNumber = false, scope = "col", className, ...props }: ComponentProps<"th"> & CellProps) {
  return (
    <th
      {...props}
      scope={scope}
      className={classNames(
        cell,
        scope === "col" ? "border-b! font-medium text-muted" : "font-normal",
        isNumber ? "text-right" : "text-left",
        className,
      )}
    />
  );
}

export function Cell({ isNumber = false, className, ...props }: ComponentProps<"td"> & CellProps) {
  return <td {...props} className={classNames(cell, isNumber && "text-right tabular-nums", className)} />;
}
