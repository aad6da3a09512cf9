"use client";

import { StaffTotpCodeInput } from "@echo/contracts";
import { zodResolver } from "@hookform/resolvers/zod";
import { Controller, useForm } from "react-hook-form";
import { Button } from "#components/ui/button.tsx";
import { CodeField } from "#components/ui/code-field.tsx";

interface CodeFormProps {
  submit: string;
  look: "primary" | "danger";
  isBusy: boolean;
  /** What the API said of the last code. */
  error: string | undefined;
  onCode(input: StaffTotpCodeInput): void;
}

export function CodeForm({ submit, look, isBusy, error, onCode }: CodeFormProps) {
  const { control, handleSubmit } = useForm<StaffTotpCodeInput>({
    resolver: zodResolver(StaffTotpCodeInput),
    defaultValues: { code: "" },
  });
  return (
    <form noValidate className="grid gap-4" onSubmit={handleSubmit(onCode)}>
      <Controller
        name="code"
        control={control}
        render={({ field, fieldState }) => (
          <CodeField {...field} error={fieldState.error ? "Enter the six digits." : error} />
        )}
      />
      <Button type="submit" look={look} size="large" isBusy={isBusy}>
        {submit}
      </Button>
    </form>
  );
}
