import type { AppRouter } from "@echo/api";
import type { Core } from "@echo/core";
import { makeSignInLink, signInByLink } from "@echo/core/staff";
import { createTRPCClient, httpLink, type TRPCClient } from "@trpc/client";

/** Somebody who is signed in to the console, as its page would call. */
export interface StaffClient {
  api: TRPCClient<AppRouter>["admin"];
  /** What the browser sends along, for calls by hand. */
  headers: Record<string, string>;
}

/** The local admin, signed in anew: stepped up, like after any link. */
export async function createStaffClient(core: Core, apiUrl: string): Promise<StaffClient> {
  const caller = { ip: "127.0.0.1", requestId: "testing" };
  const { token } = await signInByLink(core, caller, await makeSignInLink(core, caller));
  const headers = consoleHeaders(core.config.consoleUrl, token);
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${apiUrl}/trpc`, headers })] });
  return { api: client.admin, headers };
}

/** Of a call that the console's page makes; without a token nobody is signed in there. */
export function consoleHeaders(consoleUrl: string, token?: string): Record<string, string> {
  const name = consoleUrl.startsWith("https:") ? "__Host-echo_console" : "echo_console";
  return {
    origin: consoleUrl,
    "x-echo-console": "1",
    "sec-fetch-site": "same-origin",
    ...(token === undefined ? {} : { cookie: `${name}=${token}` }),
  };
}
