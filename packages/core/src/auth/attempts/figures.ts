import { createHmac } from "node:crypto";
import { deriveKey } from "@echo/platform";
import type { Core } from "../../core.ts";

const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
/** How long a failure makes the next shutting longer; nothing is counted beyond it. */
export const dayMs = 24 * hourMs;

/** security.md, "Lockout without denial of service"; no configuration changes them. */
export const most = { ofNetwork: 20, addresses: 30, ofAddress: 100, ofAddressOnNetwork: 5, wrongCodes: 10 };
const longestShutMs = 900 * secondMs;

/** Shut 1, 2, 4 ... 900 s after the fifth failure and each one more. */
export function shutMsAfter(failures: number): number {
  const beyond = failures - most.ofAddressOnNetwork;
  return beyond < 0 ? 0 : Math.min(secondMs * 2 ** beyond, longestShutMs);
}

/** What is stored of an address as typed: people type passwords there too. */
export function subjectOf({ config }: Core, name: string): Uint8Array {
  return createHmac("sha256", deriveKey(config.secret, "echo/attempts")).update(name).digest();
}
