import type { ErrorCode, ErrorData } from "@echo/contracts";
import { expect } from "vitest";

/** Matches the error that a typed client throws: `await expect(call).rejects.toEqual(refusal("NOT_FOUND"))`. */
export function refusal(code: ErrorCode, data: Partial<ErrorData> = {}): unknown {
  return expect.objectContaining({ data: expect.objectContaining({ code, requestId: expect.any(String), ...data }) });
}
