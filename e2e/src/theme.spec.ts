import type { Page } from "@playwright/test";
import { openConsole } from "./sign-in.ts";
import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

const chooseTheme = async (page: Page, name: "Light" | "Dark" | "System") => {
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitemradio", { name }).click();
  await page.keyboard.press("Escape");
};
const isDark = (page: Page) => page.evaluate(() => document.documentElement.classList.contains("dark"));
const background = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

/** Notes the page's colour at each frame that is drawn from now on, over loads. */
const noteColours = (page: Page) =>
  page.addInitScript(() => {
    const colours = new Set<string>();
    Object.assign(window, { drawnColours: colours });
    const note = () => {
      if (document.body) colours.add(getComputedStyle(document.documentElement).backgroundColor);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
const drawnColours = (page: Page) => page.evaluate(() => [...(Reflect.get(window, "drawnColours") as Set<string>)]);

test("a theme is kept over a reload, against the system's, without a flash of the other", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openConsole(page);
  const light = await background(page);
  await chooseTheme(page, "Dark");
  await expect.poll(() => isDark(page)).toBe(true);
  const dark = await background(page);
  expect(dark).not.toBe(light);

  await noteColours(page);
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  expect(await drawnColours(page)).toEqual([dark]);

  await chooseTheme(page, "Light");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  expect(await drawnColours(page)).toEqual([light]);
});

test("the system's theme is followed as it changes", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openConsole(page);
  await chooseTheme(page, "Dark");
  await expect.poll(() => isDark(page)).toBe(true);

  await chooseTheme(page, "System");
  await expect.poll(() => isDark(page)).toBe(false);
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(() => isDark(page)).toBe(true);
});

test("the demo follows the system", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(stack().demoUrl);
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await colour();

  await page.emulateMedia({ colorScheme: "dark" });

  expect(await colour()).not.toBe(light);
});
