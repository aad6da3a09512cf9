import type { Core } from "@echo/core";
import { makeSignInLink } from "@echo/core/staff";
import { isLoopback } from "@echo/platform";
import type { CliConfig } from "../config.ts";
import { type CoreSource, withCore } from "../stack/command-core.ts";

/** Whether staff sign in by link here: on the embedded database, reached from this machine alone. */
export const hasSignInLinks = ({ isEmbedded, ECHO_HOST }: CliConfig): boolean => isEmbedded && isLoopback(ECHO_HOST);

/** A fresh link of the local admin, which voids the older one. It is a secret: printed once, logged nowhere. */
export async function freshSignInLink(core: Core, consoleUrl: string): Promise<string> {
  const { token } = await makeSignInLink(core, { requestId: "echoctl" });
  return `${consoleUrl}/sign-in#token=${token}`;
}

/** Makes them while a system runs; null where staff do not sign in so. */
export const signInLinks = (source: CoreSource, consoleUrl: string): (() => Promise<string>) | null =>
  hasSignInLinks(source.config) ? () => withCore(source, (core) => freshSignInLink(core, consoleUrl)) : null;
