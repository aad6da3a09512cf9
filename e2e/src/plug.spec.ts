import { seat } from "./cast.ts";
import { openDemo, type Pane } from "./demo-page.ts";
import { stack } from "./stack.ts";
import { expect, test } from "./test.ts";

/** The supervisor starts it again, and the page comes back by itself. */
const backWithinMs = 30_000;
const lost = /Connection lost.*What you write is kept/;
/** What Chromium writes about an address that does not answer. */
const network = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection to|Failed to load resource/;

const textsOf = (pane: Pane): Promise<string[]> => pane.messages.locator("> p").allTextContents();

test("the plug of realtime is pulled while somebody types: the page says so, and nothing is lost or doubled", async ({
  page,
  cast,
  watch,
}) => {
  watch.allowComplaints(network);
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);
  await ada.send("one");
  await expect(grace.message("one")).toHaveCount(1);

  await ada.field.pressSequentially("tw");
  stack().kill("realtime");
  await ada.field.pressSequentially("o");
  await ada.field.press("Enter");
  for (const pane of [ada, grace]) await expect(pane.notice).toContainText(lost);
  await grace.send("three");
  await ada.send("four");

  for (const pane of [ada, grace]) {
    await expect(pane.notice).toBeHidden({ timeout: backWithinMs });
    await expect(pane.messages).toHaveCount(4);
  }
  await ada.send("five");
  await expect(ada.tick("five")).toHaveAccessibleName("Read");
  // One person's own stay in their order; both see the same.
  const texts = await textsOf(grace);
  expect(texts.filter((text) => text !== "three")).toEqual(["one", "two", "four", "five"]);
  expect(texts).toContain("three");
  expect(await textsOf(ada)).toEqual(texts);
});

test("without an API what is written is shown as waiting, and sent once, in order, when it is back", async ({
  page,
  cast,
  watch,
}) => {
  watch.allowComplaints(network);
  await seat(page, cast);
  const { ada, grace } = await openDemo(page);
  await ada.send("before");
  await expect(ada.tick("before")).toHaveAccessibleName("Read");

  stack().kill("api");
  for (const text of ["one", "two", "three"]) await ada.send(text);
  await expect(ada.tick("three")).toHaveAccessibleName("Sending");
  await expect(ada.notice).toContainText(/What you wrote is kept.*Waiting to be sent: [1-3]/);

  await expect(ada.tick("three")).toHaveAccessibleName("Read", { timeout: backWithinMs });
  await expect(ada.notice).toBeHidden();
  const all = ["before", "one", "two", "three"];
  expect(await textsOf(grace)).toEqual(all);
  expect(await textsOf(ada)).toEqual(all);
});
