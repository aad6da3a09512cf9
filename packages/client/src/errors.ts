import type { ErrorCode, ErrorData } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";

/** `NETWORK`: no answer came, so nobody knows whether the call was carried out. */
export type EchoErrorCode = ErrorCode | "NETWORK";

/** What the server said of a failed call; null when no answer came or the error is none of Echo's. */
export function errorData(error: unknown): ErrorData | null {
  if (!(error instanceof TRPCClientError)) return null;
  const data: Partial<ErrorData> | null | undefined = error.data;
  return data?.code ? (data as ErrorData) : null;
}

/** The code of a failed call, for a `switch`; null when the error is none of Echo's. */
export function errorCode(error: unknown): EchoErrorCode | null {
  if (!(error instanceof TRPCClientError)) return null;
  return errorData(error)?.code ?? "NETWORK";
}

/** An error for a call that got no answer. */
export function networkError(message: string, cause?: unknown): TRPCClientError<never> {
  return new TRPCClientError(message, cause instanceof Error ? { cause } : undefined);
}
