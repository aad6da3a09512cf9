import { findChromium, noChromium } from "@echo/testing/chromium";
import { test as base, type ConsoleMessage, expect } from "@playwright/test";
import { type Cast, createCast } from "./cast.ts";

interface Watch {
  /** What a test does on purpose makes the browser complain. */
  allowComplaints(pattern: RegExp): void;
}

interface Fixtures {
  /** Skips where there is none, before one would be started. */
  hasBrowser: true;
  watch: Watch;
  /** People of this test alone. */
  cast: Cast;
}

/** Every page of a test is watched: an error, a warning or a violation of the page's policy fails the test. */
export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
  hasBrowser: async ({}, use, testInfo) => {
    testInfo.skip(findChromium(process.env) === null, noChromium);
    await use(true);
  },
  watch: [
    async ({ hasBrowser: _, context }, use) => {
      const allowed: RegExp[] = [];
      const complaints: string[] = [];
      context.on("weberror", (error) => complaints.push(error.error().message));
      context.on("console", (message) => {
        if (isComplaint(message)) complaints.push(message.text());
      });
      await use({ allowComplaints: (pattern) => void allowed.push(pattern) });
      expect(complaints.filter((text) => !allowed.some((pattern) => pattern.test(text)))).toEqual([]);
    },
    { auto: true },
  ],
  cast: async ({ hasBrowser: _ }, use) => {
    const cast = await createCast();
    await use(cast);
    cast.close();
  },
});

const isComplaint = (message: ConsoleMessage): boolean => ["error", "warning"].includes(message.type());

export { expect };
