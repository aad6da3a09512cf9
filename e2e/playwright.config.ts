import { chromiumFlags, findChromium } from "@echo/testing/chromium";
import { defineConfig } from "@playwright/test";

const executablePath = findChromium(process.env);

export default defineConfig({
  testDir: "src",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  globalSetup: "./src/start-stack.ts",
  // One stack for all of them, and some kill parts of it.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  use: {
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    launchOptions: executablePath === null ? {} : { executablePath, args: [...chromiumFlags] },
  },
});
