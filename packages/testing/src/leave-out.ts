import { describe, inject, test } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Nothing may be left out: CI is set. */
    isStrict: boolean;
  }
}

/** A suite that needs something of the machine; `missing` says why there is none. */
export function describeIfHad(name: string, missing: string | null, body: () => void): void {
  if (missing === null) describe(name, body);
  else leaveOut(name, missing);
}

/** Skipped with its reason on somebody's machine; where all must run it fails with it. */
function leaveOut(name: string, reason: string): void {
  if (!inject("isStrict")) {
    test.skip(`${name} (left out: ${reason})`);
    return;
  }
  test(name, () => {
    throw new Error(reason);
  });
}
