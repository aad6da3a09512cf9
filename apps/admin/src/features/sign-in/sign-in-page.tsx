"use client";

import dynamic from "next/dynamic";
import { useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect } from "react";
import { Mark } from "#components/mark.tsx";
import { Notice } from "#components/ui/notice.tsx";
import { Skeleton, Skeletons } from "#components/ui/skeleton.tsx";
import { nextPath } from "#features/session/sign-in-path.ts";
import { LinkInstructions } from "./link-instructions.tsx";
import { LinkSignIn } from "./link-sign-in.tsx";
import { useExistingSession } from "./use-existing-session.ts";
import { useLinkToken } from "./use-link-token.ts";

// Forms and what checks them are of no use where one signs in by link.
const PasswordSignIn = dynamic(() => import("./password-sign-in.tsx").then((m) => m.PasswordSignIn), {
  loading: () => <Waiting />,
});

interface SignInPageProps {
  /** Passwords are taken over https alone. */
  isHttps: boolean;
  /** A cookie came along; whether it is good for anything is not known yet. */
  hasCookie: boolean;
}

export function SignInPage({ isHttps, hasCookie }: SignInPageProps) {
  const query = useSearchParams();
  return (
    <main id="main" className="mx-auto grid min-h-dvh w-full max-w-md content-center gap-6 px-4 py-8">
      <header className="flex items-center gap-3">
        <Mark className="size-8" />
        <h1 className="text-xl font-semibold tracking-tight">Sign in to the Echo console</h1>
      </header>
      {query.get("reason") === "ended" && (
        <Notice tone="warning" role="status">
          Your session has ended. Sign in again to go on where you were.
        </Notice>
      )}
      <section aria-label="Sign in" className="min-h-60 rounded-lg border bg-surface p-6">
        <Ways isHttps={isHttps} hasCookie={hasCookie} />
      </section>
    </main>
  );
}

function Ways({ isHttps, hasCookie }: SignInPageProps) {
  const router = useRouter();
  const next = nextPath(useSearchParams().get("next"));
  const goOn = useCallback(() => router.replace(next), [router, next]);
  const link = useLinkToken();
  const token = link.isRead ? link.token : null;
  const session = useExistingSession(hasCookie && link.isRead && token === null);
  useEffect(() => {
    // Whoever is signed in already has no business here.
    if (session === "found") goOn();
  }, [session, goOn]);

  if (token !== null) return <LinkSignIn key={token} token={token} hasCookie={hasCookie} onDone={goOn} />;
  if (!link.isRead || session !== "none") return <Waiting />;
  return isHttps ? <PasswordSignIn onDone={goOn} /> : <LinkInstructions />;
}

function Waiting() {
  return (
    <Skeletons className="grid gap-4">
      <Skeleton className="h-5 w-2/3" />
      <Skeleton className="h-10" />
      <Skeleton className="h-5 w-1/2" />
      <Skeleton className="h-10" />
    </Skeletons>
  );
}
