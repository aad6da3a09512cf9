import type { Metadata } from "next";
import { cookies } from "next/headers";
import { Suspense } from "react";
import { SignInPage } from "#features/sign-in/sign-in-page.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function Page() {
  const cookieNames = (await cookies()).getAll().map(({ name }) => name);
  return (
    <Suspense>
      <SignInPage
        isHttps={process.env.ECHO_CONSOLE_URL?.startsWith("https:") ?? false}
        hasCookie={cookieNames.some((name) => name.endsWith("echo_console"))}
      />
    </Suspense>
  );
}
