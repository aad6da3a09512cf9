"use client";

import type { StaffChallenge } from "@echo/contracts";
import { useState } from "react";
import { CodeForm } from "./code-form.tsx";
import { PasswordForm } from "./password-form.tsx";

/** Two steps: the password brings a challenge, the code of an authenticator completes it. */
export function PasswordSignIn({ onDone }: { onDone: () => void }) {
  const [challenge, setChallenge] = useState<StaffChallenge | null>(null);
  const [notice, setNotice] = useState<string | null>(null);
  if (!challenge) {
    return (
      <PasswordForm
        notice={notice}
        onChallenge={(next) => {
          setNotice(null);
          setChallenge(next);
        }}
      />
    );
  }
  return (
    <CodeForm
      challenge={challenge}
      onDone={onDone}
      onOver={(reason) => {
        setNotice(reason);
        setChallenge(null);
      }}
    />
  );
}
