import type { Page } from "@playwright/test";
import { openDemo } from "../demo-page.ts";
import type { Stack } from "../stack.ts";

/** Two people in the midst of it: ticks, somebody who types, a group with something unread. */
export async function pictureChat(page: Page, { demoUrl }: Stack): Promise<Buffer> {
  const { ada, grace } = await openDemo(page, demoUrl);
  await grace.root.getByRole("textbox", { name: "Name of a new group" }).fill("Release party");
  await grace.root.getByRole("button", { name: "Create" }).click();
  await grace.root.locator("button[aria-current=true]", { hasText: "Release party" }).waitFor();
  await grace.send("Cake at four?");
  await ada.conversation("Release party").getByRole("img", { name: "1 unread" }).waitFor();
  await grace.conversation("Ada Lovelace").click();

  await grace.send("Here it comes: one page, two commands, no account anywhere.");
  await ada.send("And if I pull the plug in the middle of a word?");
  await ada.message("pull the plug").getByRole("img", { name: "Read" }).waitFor();
  await grace.field.pressSequentially("Then nothing is lo");
  await ada.root.getByText("Grace Hopper is typing").waitFor();
  // The pointer would mark what it was last at.
  await page.mouse.move(0, 0);
  return await page.screenshot();
}
