import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { problemOf } from "./problem.ts";

declare module "@tanstack/react-query" {
  interface Register {
    /** `mayBeSignedOut`: a query or act that handles UNAUTHORIZED itself. */
    queryMeta: { mayBeSignedOut?: boolean };
    mutationMeta: { mayBeSignedOut?: boolean };
  }
}

const triesAtMost = 2;

/** @param onSignedOut called whenever the API says that nobody is signed in; may come in numbers */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const notice = (error: Error, meta: { mayBeSignedOut?: boolean } | undefined): void => {
    if (problemOf(error).code === "UNAUTHORIZED" && meta?.mayBeSignedOut !== true) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: (error, query) => notice(error, query.meta) }),
    mutationCache: new MutationCache({ onError: (error, ...[, , act]) => notice(error, act.meta) }),
    defaultOptions: {
      queries: { retry: (failures, error) => failures < triesAtMost && isPassing(error), staleTime: 2_000 },
      mutations: { retry: false },
    },
  });
}

/** Worth another try without anybody doing anything. */
function isPassing(error: Error): boolean {
  return ["UNREACHABLE", "UNAVAILABLE", "TIMEOUT"].includes(problemOf(error).code);
}
