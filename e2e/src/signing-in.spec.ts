import { openConsole, signIn } from "./sign-in.ts";
import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

const unauthorized = /status of 401/;

test("a link signs in once, leaves no token in the address bar, and gives a cookie that no script reads", async ({
  page,
  context,
  watch,
}) => {
  watch.allowComplaints(unauthorized);
  const link = await stack().signInLink();

  await page.goto(link);

  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  expect(page.url()).toBe(`${stack().consoleUrl}/`);
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: "echo_console", httpOnly: true, sameSite: "Strict", path: "/" });
  expect(await page.evaluate(() => document.cookie)).toBe("");
  // Nor in the history that "back" walks.
  await page.goBack();
  expect(page.url()).not.toContain("token");

  await context.clearCookies();
  await page.goto("about:blank");
  await page.goto(link);
  await expect(page.getByRole("alert").filter({ hasText: "does not work any more" })).toBeVisible();
  await expect(page.getByText("npx echoctl staff link")).toBeVisible();
  expect(page.url()).not.toContain("token");
});

test("a fresh link voids the one before", async ({ page, watch }) => {
  watch.allowComplaints(unauthorized);
  const older = await stack().signInLink();
  await stack().signInLink();

  await page.goto(older);

  await expect(page.getByRole("alert").filter({ hasText: "does not work any more" })).toBeVisible();
});

test("whoever is signed out is asked to sign in, and brought back to where he wanted to go", async ({ page }) => {
  await page.goto(`${stack().consoleUrl}/?range=day`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await expect(page.getByRole("heading", { name: "Open a sign-in link" })).toBeVisible();

  const token = new URL(await stack().signInLink()).hash;
  await page.goto(`${page.url()}${token}`);

  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  expect(page.url()).toBe(`${stack().consoleUrl}/?range=day`);
});

test("signing out ends the session on the server, and going back shows nothing", async ({ page, context, watch }) => {
  watch.allowComplaints(unauthorized);
  await signIn(page);
  const cookies = await context.cookies();

  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(`${stack().consoleUrl}/sign-in`);
  expect(await context.cookies()).toEqual([]);

  // Somebody kept the cookie.
  await context.addCookies(cookies);
  await page.goto(stack().consoleUrl);
  await expect(page.getByRole("heading", { name: "Open a sign-in link" })).toBeVisible();
});

test("a session that ended while its page is open leads to the sign-in, which says so", async ({
  page,
  context,
  watch,
}) => {
  watch.allowComplaints(unauthorized);
  await openConsole(page);
  const [cookie] = await context.cookies();
  if (!cookie) throw new Error("there is no cookie");

  await context.addCookies([{ ...cookie, value: "A".repeat(43) }]);

  await expect(page.getByText("Your session has ended")).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in\?reason=ended$/);
});
