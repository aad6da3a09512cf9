import type { Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { signIn } from "./sign-in.ts";
import { expect, test } from "./test.ts";

const stepMs = 30_000;

const openItem = async (page: Page, name: string) => {
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name }).click();
};

test("an authenticator is set up with its code, and removed with another", async ({ page, watch }) => {
  watch.allowComplaints(/status of 401/);
  await signIn(page);
  await openItem(page, "Set up an authenticator");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("img", { name: "QR code for the authenticator" })).toBeVisible();
  const secret = await dialog.getByText(/^[A-Z2-7]{32,}$/).textContent();
  const totp = new TOTP({ secret: Secret.fromBase32(secret?.trim() ?? "") });
  const enter = async (code: string) => {
    await dialog.getByRole("textbox").fill(code);
    await dialog.getByRole("textbox").press("Enter");
  };

  await enter(totp.generate({ timestamp: Date.now() - 20 * stepMs }));
  await expect(dialog.getByRole("alert")).toBeVisible();
  await enter(totp.generate());
  await expect(page.getByText("The authenticator is set up")).toBeVisible();

  await openItem(page, "Remove the authenticator");
  // Each step counts once; the next one is within the window.
  await enter(totp.generate({ timestamp: Date.now() + stepMs }));
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "Account" }).click();
  await expect(page.getByRole("menuitem", { name: "Set up an authenticator" })).toBeVisible();
});
