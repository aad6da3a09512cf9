import type { AppRouter } from "@echo/api";
import type { ErrorCode } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";

/** Why a call failed, for people. */
export interface Problem {
  /** UNREACHABLE: no answer of the API came. */
  code: ErrorCode | "UNREACHABLE";
  message: string;
  /** By it the log lines of the call are found; null where no answer came. */
  requestId: string | null;
}

const unreachable: Problem = {
  code: "UNREACHABLE",
  message: "The API does not answer. It may be starting, or the network is down.",
  requestId: null,
};

export function problemOf(error: unknown): Problem {
  if (!(error instanceof TRPCClientError)) return { ...unreachable, code: "INTERNAL", message: sentenceOf(error) };
  const { data } = error as TRPCClientError<AppRouter>;
  return data ? { code: data.code, message: data.message, requestId: data.requestId } : unreachable;
}

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : "Something went wrong");
