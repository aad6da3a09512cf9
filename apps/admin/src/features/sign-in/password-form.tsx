"use client";

import { SignInPasswordInput, type StaffChallenge } from "@echo/contracts";
import { zodResolver } from "@hookform/resolvers/zod";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { problemOf } from "#api/problem.ts";
import { useTRPC } from "#api/trpc.ts";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Notice } from "#components/ui/notice.tsx";

interface PasswordFormProps {
  /** Why one is here again. */
  notice: string | null;
  onChallenge(challenge: StaffChallenge): void;
}

export function PasswordForm({ notice, onChallenge }: PasswordFormProps) {
  const trpc = useTRPC();
  const { mutate, isPending, error } = useMutation(
    trpc.admin.signIn.password.mutationOptions({ onSuccess: onChallenge, meta: { mayBeSignedOut: true } }),
  );
  const { register, handleSubmit, formState } = useForm<SignInPasswordInput>({
    resolver: zodResolver(SignInPasswordInput),
    defaultValues: { email: "", password: "" },
  });
  const { errors } = formState;
  return (
    <form noValidate className="grid gap-4" onSubmit={handleSubmit((input) => mutate(input))}>
      {error ? (
        <Notice tone="danger" role="alert">
          {problemOf(error).message}
        </Notice>
      ) : (
        notice && (
          <Notice tone="warning" role="alert">
            {notice}
          </Notice>
        )
      )}
      <Field
        {...register("email")}
        label="E-mail"
        type="email"
        autoComplete="username"
        error={errors.email && "Enter the e-mail address of your account."}
      />
      <Field
        {...register("password")}
        label="Password"
        type="password"
        autoComplete="current-password"
        error={errors.password && "Enter your password."}
      />
      <Button type="submit" look="primary" size="large" isBusy={isPending}>
        Continue
      </Button>
    </form>
  );
}
