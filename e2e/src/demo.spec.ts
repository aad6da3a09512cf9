import { type Cast, seat } from "./cast.ts";
import { openDemo, paneOf } from "./demo-page.ts";
import { expect, test } from "./test.ts";

test("the people that the demo itself brings talk from the beginning", async ({ page }) => {
  const { ada, grace } = await openDemo(page);
  const text = `Hello ${crypto.randomUUID()}`;

  await expect(grace.messages.first()).toContainText("Did the migration go through?");
  await ada.send(text);

  await expect(grace.message(text)).toHaveCount(1);
});

test("two people see each other's messages at once", async ({ page, cast }) => {
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);

  await ada.send("Are you there?");
  await expect(grace.message("Are you there?")).toHaveCount(1);
  await grace.send("I am");

  await expect(ada.message("I am")).toHaveCount(1);
  await expect(ada.message("Are you there?")).toHaveCount(1);
  await expect(ada.tick("Are you there?")).toHaveAccessibleName("Read");
});

test("ticks turn from sent to delivered to read as the other one's device and eyes do", async ({ page, cast }) => {
  await seat(page, cast, ["ada"]);
  const { ada } = await openDemo(page);
  const { echo } = cast.grace;
  const { conversationId } = cast;
  // It was there once, and knows from where to go on.
  await echo.connect();
  echo.disconnect();

  await ada.send("Call me back");
  await expect(ada.tick("Call me back")).toHaveAccessibleName("Sent");

  await echo.connect();
  await expect(ada.tick("Call me back")).toHaveAccessibleName("Delivered");

  await echo.realtime.messages.markRead.mutate({ conversationId, seq: 1 });
  await expect(ada.tick("Call me back")).toHaveAccessibleName("Read");
});

test("whoever types is seen typing, until the message comes or he stops", async ({ page, cast }) => {
  await seat(page, cast, ["ada"]);
  const { ada } = await openDemo(page);
  const typing = ada.root.getByText("Grace Hopper is typing");
  const { echo } = cast.grace;
  const { conversationId } = cast;
  await echo.connect();

  await echo.realtime.messages.typing.mutate({ conversationId, activity: "typing" });
  await expect(typing).toBeVisible();
  // Nobody ends it: the hub does, after 3 s.
  await expect(typing).toBeHidden();

  await echo.realtime.messages.typing.mutate({ conversationId, activity: "typing" });
  await expect(typing).toBeVisible();
  await echo.send({ conversationId, type: "text", content: { text: "Here it is" } });
  await expect(ada.message("Here it is")).toHaveCount(1);
  await expect(typing).toBeHidden({ timeout: 1_000 });
});

test("what one types on the page is told to the other", async ({ page, cast }) => {
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);

  await ada.field.pressSequentially("I am");

  await expect(grace.root.getByText("Ada Lovelace is typing")).toBeVisible();
});

test("Shift and Enter begin a new line, and nothing is sent that is empty", async ({ page, cast }) => {
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);

  await ada.field.press("Enter");
  await ada.field.fill("first line");
  await ada.field.press("Shift+Enter");
  await ada.field.pressSequentially("second line");
  await ada.field.press("Enter");

  await expect(grace.message("first line")).toContainText("second line");
  await expect(grace.messages).toHaveCount(1);
});

test("what comes into another conversation counts as unread, until it is opened", async ({ page, cast }) => {
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);

  await ada.root.getByRole("textbox", { name: "Name of a new group" }).fill("Harbour");
  await ada.root.getByRole("button", { name: "Create" }).click();
  await expect(ada.conversation("Harbour")).toHaveAttribute("aria-current", "true");
  for (const text of ["The blue rope came loose", "Now the red one"]) await ada.send(text);

  const unread = grace.conversation("Harbour").getByRole("img");
  await expect(unread).toHaveAccessibleName("2 unread");
  await expect(unread).toBeVisible();
  await grace.conversation("Harbour").click();
  await expect(grace.message("The blue rope came loose")).toBeVisible();
  await expect(unread).toHaveCount(0);
  await expect(ada.tick("Now the red one")).toHaveAccessibleName("Read");
});

test("a third one joins, and all three are in one group", async ({ page, cast }) => {
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);

  await page.getByRole("button", { name: "Alan Turing joins" }).click();
  const alan = paneOf(page, "Alan Turing");
  await alan.send("Am I late?");

  await expect(page.getByRole("button", { name: "Alan Turing joins" })).toBeHidden();
  for (const pane of [ada, grace]) {
    await pane.conversation("Everyone").click();
    await expect(pane.message("Am I late?")).toHaveCount(1);
  }
  await expect(alan.tick("Am I late?")).toHaveAccessibleName("Read");
});

test("scrolling back brings everything to the first message, each once and in order", async ({ page, cast }) => {
  const lines = await writeLines(cast, 130);
  await seat(page, cast);
  const { ada } = await openDemo(page);
  await expect(ada.messages.last()).toContainText("line 130.");
  await expect(ada.messages.last()).toBeInViewport();
  expect(await ada.messages.count()).toBeLessThan(130);

  await expect(async () => {
    await ada.list.evaluate((element) => element.scrollTo(0, 0));
    await expect(ada.beginning).toBeVisible({ timeout: 500 });
  }).toPass();
  expect(await ada.messages.locator("> p").allTextContents()).toEqual(lines);

  await ada.root.getByRole("button", { name: "To the newest" }).click();
  await expect(ada.messages.last()).toBeInViewport();
});

/** Answers what was written. */
async function writeLines({ ada, conversationId }: Cast, count: number): Promise<string[]> {
  const lines = Array.from({ length: count }, (_, index) => `line ${index + 1}.`);
  await Promise.all(lines.map((text) => ada.echo.send({ conversationId, type: "text", content: { text } })));
  return lines;
}
