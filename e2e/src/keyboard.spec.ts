import type { Locator, Page } from "@playwright/test";
import { openConsole } from "./sign-in.ts";
import { expect, test } from "./test.ts";

const narrow = { width: 390, height: 844 };

/** However often one goes on, one stays within. */
async function expectTrapped(page: Page, dialog: Locator): Promise<void> {
  for (const key of [...Array(6).fill("Tab"), ...Array(6).fill("Shift+Tab")]) {
    await page.keyboard.press(key);
    expect(await dialog.evaluate((element) => element.contains(document.activeElement)), key).toBe(true);
  }
}

test("the first key leads past the navigation", async ({ page }) => {
  await openConsole(page);

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeFocused();
  await expect(page.getByRole("link", { name: "Skip to the page" })).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  await page.keyboard.press("Tab");
  expect(await page.getByRole("main").evaluate((main) => main.contains(document.activeElement))).toBe(true);
});

test("the palette opens by Ctrl-K, keeps the focus, does what is typed, and gives the focus back", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await openConsole(page);
  const account = page.getByRole("button", { name: "Account" });
  await account.focus();

  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Command palette" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await expectTrapped(page, palette);
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(account).toBeFocused();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("dark");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveClass(/dark/);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("nothing is called so");
  await expect(palette.getByText("Nothing is called that")).toBeVisible();
});

test("dialogs keep the focus and give it back to what opened them", async ({ page }) => {
  await openConsole(page);
  const account = page.getByRole("button", { name: "Account" });

  for (const name of ["Keyboard shortcuts", "Set up an authenticator"]) {
    await account.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("menu")).toBeVisible();
    await page.keyboard.type(name.slice(0, 3));
    await expect(page.getByRole("menuitem", { name })).toBeFocused();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expectTrapped(page, dialog);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(account).toBeFocused();
  }
});

test("a menu closed by Escape gives the focus back", async ({ page }) => {
  await openConsole(page);
  const account = page.getByRole("button", { name: "Account" });
  await account.focus();

  await page.keyboard.press("Enter");
  await expect(page.getByRole("menu")).toBeVisible();
  await page.keyboard.press("Escape");

  await expect(account).toBeFocused();
});

test("single keys help until they are turned off", async ({ page }) => {
  await openConsole(page);
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(help).toBeVisible();

  await help.getByRole("checkbox").uncheck();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");

  await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible();
  await expect(help).toBeHidden();
});

test("on a narrow screen the navigation is a drawer, by keyboard too", async ({ page }) => {
  await page.setViewportSize(narrow);
  await openConsole(page);
  const opener = page.getByRole("button", { name: "Open the navigation" });
  await opener.focus();

  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog", { name: "Navigation" });
  await expect(drawer.getByRole("link", { name: "Overview" })).toBeVisible();
  await expectTrapped(page, drawer);
  await page.keyboard.press("Escape");

  await expect(opener).toBeFocused();
});
