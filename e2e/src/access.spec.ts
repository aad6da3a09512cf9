import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { seat } from "./cast.ts";
import { openDemo } from "./demo-page.ts";
import { openConsole } from "./sign-in.ts";
import { stack } from "./stack.ts";
import { startHttpsConsole } from "./start-https-console.ts";
import { expect, test } from "./test.ts";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const narrow = { width: 390, height: 844 };
const narrowest = { width: 320, height: 640 };

/** Opens a screen and waits until it stands. */
type Open = (page: Page) => Promise<void>;

const openFromMenu = async (page: Page, name: string) => {
  await openConsole(page);
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name }).click();
};

const screens: Record<string, Open> = {
  "the sign-in": async (page) => {
    await page.goto(`${stack().consoleUrl}/sign-in`);
    await page.getByRole("heading", { name: "Open a sign-in link" }).waitFor();
  },
  "a used link": async (page) => {
    await page.goto(`${stack().consoleUrl}/sign-in?reason=ended#token=${"A".repeat(43)}`);
    await page.getByRole("alert").filter({ hasText: "does not work any more" }).waitFor();
  },
  "the Overview": async (page) => {
    await openConsole(page);
    await page.getByRole("row").filter({ hasText: "127.0.0.1" }).waitFor();
    await page.locator(".recharts-surface").first().waitFor();
  },
  "the Overview as a table": async (page) => {
    await openConsole(page);
    await page.getByRole("button", { name: "Show as table" }).click();
    await page.getByRole("table", { name: "Messages, last 24 hours" }).waitFor();
  },
  "the Overview that can't be loaded": async (page) => {
    await page.route("**/trpc/admin.overview*", (route) => route.fulfill({ status: 500, json: { error: {} } }));
    await openConsole(page, { isLoaded: false });
    await page.getByText("The overview could not be loaded").waitFor();
  },
  "the command palette": async (page) => {
    await openConsole(page);
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
  },
  "the account menu": async (page) => {
    await openConsole(page);
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menu").waitFor();
  },
  "the shortcuts": async (page) => {
    await openFromMenu(page, "Keyboard shortcuts");
    await page.getByRole("dialog").waitFor();
  },
  "the authenticator's dialog": async (page) => {
    await openFromMenu(page, "Set up an authenticator");
    await page.getByRole("img", { name: "QR code for the authenticator" }).waitFor();
  },
  "an unknown address": async (page) => {
    await openConsole(page);
    await page.goto(`${stack().consoleUrl}/nowhere`);
    await page
      .getByRole("main")
      .getByRole("link", { name: /overview/i })
      .waitFor();
  },
};

for (const [name, open] of Object.entries(screens)) {
  test(`${name}: axe knows of nothing, light, dark and narrow, and nothing scrolls sideways`, async ({
    page,
    watch,
  }) => {
    watch.allowComplaints(/status of (401|404|500)/);
    await expectAccess(page, () => open(page));
  });
}

test("the two steps of a password: axe knows of nothing, light, dark and narrow, and nothing scrolls sideways", async ({
  page,
}) => {
  await using console = await startHttpsConsole();
  await expectAccess(page, async () => {
    await page.goto(`${console.url}/sign-in`);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("textbox", { name: "E-mail" })).toHaveAccessibleDescription(/Enter the e-mail/);
  });

  const challenge = { challenge: "A".repeat(43), expiresAt: new Date(Date.now() + 300_000).toISOString() };
  await page.route("**/trpc/admin.signIn.password", (route) =>
    route.fulfill({ json: { result: { data: challenge } } }),
  );
  await expectAccess(page, async () => {
    await page.getByRole("textbox", { name: "E-mail" }).fill("grace@example.org");
    await page.getByLabel("Password").fill("a pass phrase of the staff");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("textbox")).toHaveAccessibleDescription(/Enter the six digits/);
  });
});

test("the demo: axe knows of nothing, light, dark and narrow, and nothing scrolls sideways", async ({ page, cast }) => {
  await seat(page, cast);
  await expectAccess(page, async () => {
    const { ada, grace } = await openDemo(page);
    await page.getByRole("button", { name: "Alan Turing joins" }).click();
    await ada.send("A word that is as long as Donaudampfschifffahrtsgesellschaftskapitänsmütze");
    await grace.field.pressSequentially("Is it");
    await ada.root.getByText("Grace Hopper is typing").waitFor();
  });
});

async function expectAccess(page: Page, open: () => Promise<void>): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await open();
  await expectNoBarrier(page, "light");
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await expectNoBarrier(page, "dark");
  await page.setViewportSize(narrow);
  await expectNoBarrier(page, "narrow");
  await page.setViewportSize(narrowest);
  await expect.poll(() => sidewaysOf(page)).toEqual([]);
}

async function expectNoBarrier(page: Page, look: string): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined))));
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
  expect(found, look).toEqual([]);
}

/** What reaches past the window's edge, where that makes the page scroll. */
const sidewaysOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll("body *")].filter(
      (each) => each.getBoundingClientRect().right > clientWidth,
    );
    return wide.map((each) => each.outerHTML.slice(0, 80));
  });
