import type { AppRouter } from "@echo/api";
import { createTRPCClient, httpBatchLink, httpLink, splitLink, type TRPCClient } from "@trpc/client";

/** The API refuses larger batches. */
const maxItems = 10;

/** Calls admin.* through the console's own origin; the cookie goes along by itself. */
export function createClient(): TRPCClient<AppRouter> {
  // A page of another origin cannot send it without asking first (docs/security.md "Console").
  const options = { url: "/trpc", headers: { "x-echo-console": "1" } };
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === "query",
        true: httpBatchLink({ ...options, maxItems }),
        // Each alone: the API refuses batches with acts that concern a sign-in.
        false: httpLink(options),
      }),
    ],
  });
}
