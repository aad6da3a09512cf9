"use client";

import { type ComponentProps, useId } from "react";
import { classNames } from "#components/class-names.ts";

interface FieldProps extends ComponentProps<"input"> {
  label: string;
  /** Stands under the input until there is an error. */
  hint?: string | undefined;
  error?: string | undefined;
}

/** An input with its label, and what is wrong with what was typed. */
export function Field({ label, hint, error, className, ...props }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <input
        {...props}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={note ? noteId : undefined}
        className={classNames(
          "h-10 w-full rounded-lg border border-edge bg-surface px-3 text-base text-ink placeholder:text-muted sm:text-sm",
          "aria-invalid:border-danger",
          className,
        )}
      />
      {note && (
        <p id={noteId} role={error ? "alert" : undefined} className={error ? "text-danger" : "text-muted"}>
          {note}
        </p>
      )}
    </div>
  );
}
