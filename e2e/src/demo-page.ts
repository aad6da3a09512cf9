import type { Locator, Page } from "@playwright/test";
import { stack } from "./stack.ts";

/** One person's screen. */
export interface Pane {
  root: Locator;
  field: Locator;
  notice: Locator;
  /** Scrolls. */
  list: Locator;
  messages: Locator;
  /** Stands above the first message, once everything before was loaded. */
  beginning: Locator;
  message(text: string): Locator;
  /** What the tick says of an own message. */
  tick(text: string): Locator;
  conversation(title: string): Locator;
  send(text: string): Promise<void>;
}

/** The demo, once those who have a seat are at it. */
export async function openDemo(page: Page, url = stack().demoUrl): Promise<{ ada: Pane; grace: Pane }> {
  await page.goto(url);
  const ada = paneOf(page, "Ada Lovelace");
  await ada.beginning.or(ada.messages.first()).first().waitFor();
  return { ada, grace: paneOf(page, "Grace Hopper") };
}

export function paneOf(page: Page, name: string): Pane {
  const root = page.getByRole("region", { name, exact: true });
  const field = root.getByRole("textbox", { name: "Message" });
  const message = (text: string) => root.getByRole("article").filter({ hasText: text });
  return {
    root,
    field,
    notice: root.getByRole("status"),
    list: root.getByRole("region", { name: `Messages of ${name}` }),
    messages: root.getByRole("article"),
    beginning: root.getByText("The beginning of the conversation"),
    message,
    tick: (text) => message(text).getByRole("img"),
    conversation: (title) => root.getByRole("navigation").getByRole("button", { name: title }),
    async send(text) {
      await field.fill(text);
      await field.press("Enter");
    },
  };
}
