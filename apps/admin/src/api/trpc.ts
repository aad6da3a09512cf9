"use client";

import type { AppRouter } from "@echo/api";
import { createTRPCContext } from "@trpc/tanstack-react-query";

/** `useTRPC` gives options for TanStack Query, `useTRPCClient` plain calls. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();
