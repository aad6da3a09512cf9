import type { ComponentProps } from "react";
import { Field } from "./field.tsx";

type CodeFieldProps = Omit<ComponentProps<typeof Field>, "label" | "type" | "onChange"> & {
  label?: string;
  onChange?: (code: string) => void;
};

/** Six digits of an authenticator; what is pasted with spaces is read too. */
export function CodeField({ label = "Six-digit code", onChange, ...props }: CodeFieldProps) {
  return (
    <Field
      {...props}
      label={label}
      type="text"
      inputMode="numeric"
      autoComplete="one-time-code"
      autoCorrect="off"
      spellCheck={false}
      // Room for a pasted "123 456".
      maxLength={11}
      placeholder="123456"
      className="font-mono tracking-[0.25em] tabular-nums"
      onChange={(event) => onChange?.(event.target.value.replace(/\D/g, "").slice(0, 6))}
    />
  );
}
