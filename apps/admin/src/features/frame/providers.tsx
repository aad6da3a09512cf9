"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { ThemeProvider } from "next-themes";
import { type ReactNode, useEffect, useState } from "react";
import { createClient } from "#api/create-client.ts";
import { createQueryClient } from "#api/create-query-client.ts";
import { TRPCProvider } from "#api/trpc.ts";
import { leaveToSignIn } from "#features/session/leave.ts";

interface ProvidersProps {
  /** Of the page's policy: what Radix adds to the document's styles carries it. */
  nonce?: string;
  children: ReactNode;
}

/** What every page stands on. */
export function Providers({ nonce, children }: ProvidersProps) {
  const [trpcClient] = useState(createClient);
  const [queryClient] = useState(() => {
    const client = createQueryClient(() => leaveToSignIn(hasAnswers() ? "ended" : null));
    const hasAnswers = (): boolean =>
      client
        .getQueryCache()
        .getAll()
        .some(({ state }) => state.data !== undefined);
    return client;
  });
  useEffect(() => {
    if (nonce !== undefined) setNonce(nonce);
  }, [nonce]);
  return (
    <ThemeProvider attribute="class" enableColorScheme={false} {...(nonce === undefined ? {} : { nonce })}>
      <QueryClientProvider client={queryClient}>
        <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
          {children}
        </TRPCProvider>
      </QueryClientProvider>
    </ThemeProvider>
  );
}
