import { createEcho } from "@echo/client";
import type { Page } from "@playwright/test";
import { openConsole } from "./sign-in.ts";
import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

/** What must show, shows within so long. */
const liveMs = 10_000;

const figure = (page: Page, name: string) =>
  page.locator("dl > div").filter({ hasText: name }).locator("dd span").first();
const numberIn = async (page: Page, name: string): Promise<number> =>
  Number((await figure(page, name).textContent())?.replace(/\D/g, ""));

test("the Overview lives: what is sent moves its figures, and each node tells who is connected", async ({
  page,
  cast,
}) => {
  const { ada, conversationId } = cast;
  await openConsole(page);
  const before = { position: await numberIn(page, "Log position"), sockets: await numberIn(page, "Open sockets") };
  const hint = page.getByText(/^[\d,]+ messages?, by hour$/);
  const messagesBefore = Number((await hint.textContent())?.replace(/\D/g, ""));

  await Promise.all([ada.echo.connect(), cast.grace.echo.connect()]);
  for (const text of ["one", "two", "three"]) {
    await ada.echo.send({ conversationId, type: "text", content: { text } });
  }

  const options = { timeout: liveMs };
  await expect.poll(() => numberIn(page, "Log position"), options).toBeGreaterThanOrEqual(before.position + 3);
  await expect.poll(() => numberIn(page, "Sends / min"), options).toBeGreaterThanOrEqual(3);
  await expect.poll(() => numberIn(page, "Deliveries / min"), options).toBeGreaterThanOrEqual(3);
  await expect.poll(() => numberIn(page, "Open sockets"), options).toBeGreaterThanOrEqual(before.sockets + 2);
  await expect
    .poll(async () => Number((await hint.textContent())?.replace(/\D/g, "")), options)
    .toBeGreaterThanOrEqual(messagesBefore + 3);
  const row = page.getByRole("row").filter({ hasText: new URL(stack().realtimeUrl).host });
  await expect.poll(async () => Number(await row.getByRole("cell").first().textContent())).toBeGreaterThanOrEqual(2);
});

test("people who register are counted", async ({ page }) => {
  const { apiUrl, realtimeUrl } = stack();
  await openConsole(page);
  const before = await numberIn(page, "Users");

  const newcomers = Array.from({ length: 4 }, () => `${crypto.randomUUID()}@example.org`);
  await Promise.all(
    newcomers.map((email) =>
      createEcho({ apiUrl, realtimeUrl }).api.auth.register.mutate({ email, password: "a long enough pass phrase" }),
    ),
  );

  // People of the test before may be counted only now.
  await expect.poll(() => numberIn(page, "Users"), { timeout: liveMs }).toBeGreaterThanOrEqual(before + 4);
});

test("the day's messages are a chart, and the same as a table", async ({ page }) => {
  await openConsole(page);

  await page.getByRole("button", { name: "Show as table" }).click();

  await expect(page.getByRole("table", { name: "Messages, last 24 hours" }).getByRole("row")).toHaveCount(25);
  await expect(page.getByRole("columnheader", { name: "Active senders" })).toBeVisible();
  await page.getByRole("button", { name: "Show as chart" }).click();
  await expect(page.getByRole("table", { name: "Messages, last 24 hours" })).toBeHidden();
});

test("the consumers of the log tell how far behind they are", async ({ page }) => {
  await openConsole(page);

  const row = page.getByRole("table", { name: "Consumers" }).getByRole("row").filter({ hasText: "rollups" });

  await expect(row.getByRole("cell").nth(0)).toHaveText("0");
  await expect(row.getByRole("cell").nth(2)).toHaveText("0");
});

test("while the API is away the figures stay, and the page says how old they are", async ({ page, watch }) => {
  watch.allowComplaints(/Failed to load resource/);
  await openConsole(page);
  const position = await figure(page, "Log position").textContent();
  await page.route("**/trpc/**", (route) => route.abort());

  await expect(page.getByText(/retrying/i)).toBeVisible();
  await expect(figure(page, "Log position")).toHaveText(position ?? "");

  await page.unroute("**/trpc/**");
  await expect(page.getByText(/retrying/i)).toBeHidden();
});

test("times are shown in the local zone or in UTC, and the choice is kept", async ({ page }) => {
  await openConsole(page);
  const toggle = page.getByRole("button", { name: "Show times in UTC" });
  const heardAt = page.getByRole("row").filter({ hasText: "127.0.0.1" }).locator("time");
  const hourIn = async (): Promise<number> => Number((await heardAt.textContent())?.match(/(\d\d):\d\d/)?.[1]);
  await expect(heardAt).toBeVisible();
  const local = await hourIn();

  await toggle.click();
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
  // The tests' browser is in Berlin.
  await expect.poll(async () => (24 + local - (await hourIn())) % 24).not.toBe(0);

  await page.reload();
  await expect(toggle).toHaveAttribute("aria-pressed", "true");
});

test("an unknown address is told so within the frame, with a way back", async ({ page, watch }) => {
  watch.allowComplaints(/status of 404/);
  await openConsole(page);

  const answer = await page.goto(`${stack().consoleUrl}/nowhere`);

  expect(answer?.status()).toBe(404);
  const back = page.getByRole("main").getByRole("link", { name: /overview/i });
  await back.click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
});
