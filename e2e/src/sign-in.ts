import type { Cookie, Page } from "@playwright/test";
import { stack } from "./stack.ts";

let kept: Cookie[] = [];

/**
 * Opens the console as its admin, on one session for all tests that do not end it.
 * @param isLoaded false: somebody keeps its figures from coming
 */
export async function openConsole(page: Page, { isLoaded = true } = {}): Promise<void> {
  const context = page.context();
  if (kept.length === 0) {
    await page.goto(await stack().signInLink());
    await untilSignedIn(page);
    kept = await context.cookies();
  } else {
    await context.addCookies(kept);
    await page.goto(stack().consoleUrl);
    await untilSignedIn(page);
  }
  if (isLoaded) await untilLoaded(page);
}

/** Signs in by a fresh link: a session for this test alone. */
export async function signIn(page: Page): Promise<void> {
  await page.goto(await stack().signInLink());
  await untilSignedIn(page);
  await untilLoaded(page);
}

const untilSignedIn = (page: Page) => page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();

/** With its figures, not their place holders. */
const untilLoaded = (page: Page) => page.locator("dl[aria-busy=false]").first().waitFor();
