import { expect } from "vitest";

export const json = { "content-type": "application/json" };

export interface Refusal {
  error: { message: string; code?: number; data: { code: string; message: string; requestId: string } };
}

interface Caller {
  apiUrl: string;
  user(name: string): Promise<{ accessToken: string }>;
}

/** A POST to a procedure as ada, with whatever headers and body. */
export async function post(echo: Caller, name: string, { headers = json, body }: { headers?: object; body?: unknown }) {
  const { accessToken } = await echo.user("ada");
  const response = await fetch(`${echo.apiUrl}/trpc/${name}`, {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${accessToken}` } as HeadersInit,
    body: body as BodyInit,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Refusal };
}

/** The one shape of a refusal at tRPC's address. */
export function expectRefusal(
  answer: Awaited<ReturnType<typeof post>>,
  { status, code, message }: { status: number; code: string; message?: RegExp },
): void {
  expect(answer.status).toBe(status);
  expect(answer.body.error).toEqual({
    message: expect.stringMatching(message ?? /./),
    code: expect.any(Number),
    data: { code, message: answer.body.error.message, requestId: answer.headers.get("x-request-id") },
  });
}
