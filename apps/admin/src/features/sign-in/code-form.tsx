"use client";

import { SignInTotpInput, type StaffChallenge } from "@echo/contracts";
import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useEffect } from "react";
import { Controller, useForm } from "react-hook-form";
import { problemOf } from "#api/problem.ts";
import { useTRPC } from "#api/trpc.ts";
import { Button } from "#components/ui/button.tsx";
import { CodeField } from "#components/ui/code-field.tsx";
import { useSignedIn } from "./use-signed-in.ts";

interface CodeFormProps {
  challenge: StaffChallenge;
  onDone(): void;
  /** The challenge can't be completed any more; both steps begin anew. */
  onOver(reason: string | null): void;
}

const tookTooLong = "That took too long. Begin again with e-mail and password.";

export function CodeForm({ challenge, onDone, onOver }: CodeFormProps) {
  const trpc = useTRPC();
  const onSuccess = useSignedIn(onDone);
  const { mutate, isPending, error } = useMutation(
    trpc.admin.signIn.totp.mutationOptions({ onSuccess, meta: { mayBeSignedOut: true } }),
  );
  const { control, handleSubmit } = useForm<SignInTotpInput>({
    resolver: zodResolver(SignInTotpInput),
    defaultValues: { challenge: challenge.challenge, code: "" },
  });
  useEffect(() => {
    const leftMs = new Date(challenge.expiresAt).getTime() - Date.now();
    const timer = setTimeout(() => onOver(tookTooLong), Math.max(0, leftMs));
    return () => clearTimeout(timer);
  }, [challenge.expiresAt, onOver]);
  return (
    <form noValidate className="grid gap-4" onSubmit={handleSubmit((input) => mutate(input))}>
      <p className="text-muted">The password is right. Now the code that your authenticator shows.</p>
      <Controller
        name="code"
        control={control}
        render={({ field, fieldState }) => (
          <CodeField
            {...field}
            autoFocus
            error={fieldState.error ? "Enter the six digits." : error ? problemOf(error).message : undefined}
          />
        )}
      />
      <Button type="submit" look="primary" size="large" isBusy={isPending}>
        Sign in
      </Button>
      <Button look="quiet" onClick={() => onOver(null)}>
        Back to e-mail and password
      </Button>
    </form>
  );
}
