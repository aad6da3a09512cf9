import { fileURLToPath } from "node:url";
import { defaultLifetimes } from "@echo/platform";
import { type Echo as Servers, serveFiles, startEcho, testPassword } from "@echo/testing";
import { chromiumFlags, findChromium, noChromium } from "@echo/testing/chromium";
import { type Browser, type BrowserContext, chromium, type Page, type Route } from "@playwright/test";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Echo } from "../echo.ts";
import { eventually } from "../test-support/eventually.ts";

const executablePath = findChromium(process.env);
const accessMs = 3_000;
const timeout = 90_000;

/** What a page of this test has. */
declare global {
  var echo: Echo;
  var told: string[];
}

/** A page of an application: its session is in localStorage, for all tabs. */
const page = `
  import { createEcho, webStorage } from "./index.ts";
  const servers = Object.fromEntries(new URLSearchParams(location.search));
  globalThis.echo = createEcho({ ...servers, storage: webStorage(localStorage), outboxStorage: webStorage(localStorage) });
  globalThis.told = [];
  echo.onConnection(({ state }) => told.push(state));
  echo.onSignedOut(() => told.push("signed out"));
`;

let browser: Browser | undefined;
let script = "";

beforeAll(async () => {
  if (!executablePath) return;
  browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
  const resolveDir = fileURLToPath(new URL("..", import.meta.url));
  const built = await build({ stdin: { contents: page, resolveDir }, bundle: true, format: "esm", write: false });
  script = built.outputFiles[0]?.text ?? "";
});

afterAll(() => browser?.close());

/** One person's browser, with as many tabs as a test wants; every refresh that leaves it is counted. */
async function openBrowser(servers: Servers) {
  const site = await serveFiles({
    "/index.html": '<script type="module" src="/page.js"></script>',
    "/page.js": script,
  });
  const context = await (browser as Browser).newContext();
  const refreshes: string[] = [];
  context.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("auth.refresh")) refreshes.push(request.postData() ?? "");
  });
  const { apiUrl, realtimeUrl } = servers;
  const url = `${site.url}?${new URLSearchParams({ apiUrl, realtimeUrl })}`;

  async function openTab(): Promise<Page> {
    const tab = await context.newPage();
    await tab.goto(url);
    await tab.waitForFunction(() => globalThis.echo !== undefined);
    return tab;
  }

  return {
    context,
    refreshes,
    openTab,
    /** Five tabs of one session, connected. */
    async openTabs(): Promise<Page[]> {
      const { email } = await servers.user("ada");
      const first = await openTab();
      await first.evaluate((input) => echo.api.auth.login.mutate(input), { email, password: testPassword });
      const tabs = [first, ...(await Promise.all(Array.from({ length: 4 }, openTab)))];
      await Promise.all(tabs.map((tab) => tab.evaluate(() => echo.connect())));
      return tabs;
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      await site[Symbol.asyncDispose]();
    },
  };
}

/** No forgiveness: whoever uses a refresh token after somebody went on without it loses the session at once. */
function startStrictly(): Promise<Servers> {
  const lifetimes = { ...defaultLifetimes, accessMs, refreshGraceMs: 0 };
  return startEcho({ config: { core: { lifetimes } } });
}

const toldOf = (tab: Page) => tab.evaluate(() => told);
const signedOut = (tab: Page) => eventually(async () => expect(await toldOf(tab)).toContain("signed out"));

/** All go on: by HTTP as the same person, and on the socket that they had. */
async function expectToGoOn(tabs: Page[], userId: string): Promise<void> {
  for (const tab of tabs) {
    expect(await tab.evaluate(async () => (await echo.api.auth.me.query()).userId)).toBe(userId);
    await tab.evaluate(() => echo.realtime.ping.query());
    expect(await toldOf(tab)).toEqual(["connecting", "connected"]);
  }
}

/** Keeps the next refresh from being answered. Resolves to the tab that waits for it. */
function holdRefresh(context: BrowserContext, reachesServer: boolean): Promise<Page> {
  return new Promise((resolve, reject) => {
    const hold = async (route: Route) => {
      if (reachesServer) await route.fetch();
      resolve(route.request().frame().page());
    };
    context.route("**/auth.refresh*", hold, { times: 1 }).catch(reject);
  });
}

test("five tabs of one session renew it once, each time that it is due", { timeout }, async ({ skip }) => {
  skip(!executablePath, noChromium);
  await using servers = await startStrictly();
  await using ada = await openBrowser(servers);
  const tabs = await ada.openTabs();

  await eventually(() => expect(ada.refreshes.length).toBeGreaterThanOrEqual(3));

  await expectToGoOn(tabs, (await servers.user("ada")).userId);
  expect(new Set(ada.refreshes).size).toBe(ada.refreshes.length);
});

test.for([
  ["before the server saw its request", false],
  ["before it got the server's answer", true],
] as const)(
  "a tab that is closed in the midst of a refresh, %s, costs nobody the session",
  { timeout },
  async ([, reaches], { skip }) => {
    skip(!executablePath, noChromium);
    await using servers = await startStrictly();
    await using ada = await openBrowser(servers);
    const tabs = await ada.openTabs();

    const refreshing = await holdRefresh(ada.context, reaches);
    await refreshing.close();
    await eventually(() => expect(ada.refreshes.length).toBeGreaterThanOrEqual(3));

    const others = tabs.filter((tab) => tab !== refreshing);
    await expectToGoOn(others, (await servers.user("ada")).userId);
    expect(new Set(ada.refreshes).size).toBe(ada.refreshes.length - 1);
  },
);

test("a tab that sleeps while the others go on twice finds the session as they left it", { timeout }, async ({
  skip,
}) => {
  skip(!executablePath, noChromium);
  await using servers = await startStrictly();
  await using ada = await openBrowser(servers);
  const [sleeper, ...others] = await ada.openTabs();
  const devtools = await ada.context.newCDPSession(sleeper as Page);

  await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
  await eventually(() => expect(ada.refreshes.length).toBeGreaterThanOrEqual(2));
  await expectToGoOn(others, (await servers.user("ada")).userId);
  await devtools.send("Page.setWebLifecycleState", { state: "active" });

  await eventually(() => expect(ada.refreshes.length).toBeGreaterThanOrEqual(4));
  await eventually(() => (sleeper as Page).evaluate(() => echo.realtime.ping.query()));
  expect(await toldOf(sleeper as Page)).not.toContain("signed out");
  await expectToGoOn(others, (await servers.user("ada")).userId);
  expect(new Set(ada.refreshes).size).toBe(ada.refreshes.length);
});

test("who signs out in one tab is signed out in all five", { timeout }, async ({ skip }) => {
  skip(!executablePath, noChromium);
  await using servers = await startEcho();
  await using ada = await openBrowser(servers);
  const tabs = await ada.openTabs();

  await tabs[0]?.evaluate(() => echo.api.auth.logout.mutate());

  await Promise.all(tabs.map(signedOut));
  for (const tab of tabs) {
    expect((await toldOf(tab)).filter((each) => each === "signed out")).toHaveLength(1);
    expect(await tab.evaluate(() => localStorage.getItem("echo.session"))).toBeNull();
  }
});

test("what a tab could not send before it was closed is sent once, by the next one", { timeout }, async ({ skip }) => {
  skip(!executablePath, noChromium);
  await using servers = await startEcho();
  await using ada = await openBrowser(servers);
  const { conversationId } = await servers.conversationOf("ada", "bob");
  const [closing, other] = await ada.openTabs();
  const kept = () => other?.evaluate(() => JSON.parse(localStorage.getItem("echo.outbox") ?? "[]").length);
  await ada.context.route("**/messages.send*", (route) => route.abort());
  await closing?.evaluate(async (id) => {
    for (const text of ["first", "second"]) void echo.send({ conversationId: id, type: "text", content: { text } });
  }, conversationId);
  await eventually(async () => expect(await kept()).toBe(2));

  await closing?.close();
  await ada.context.unroute("**/messages.send*");
  const sends: string[] = [];
  ada.context.on("request", (request) => {
    if (request.method() === "POST" && request.url().includes("messages.send")) sends.push(request.postData() ?? "");
  });
  const next = await ada.openTab();
  await next.evaluate(() => echo.connect());

  await eventually(async () => expect(await kept()).toBe(0));
  const { items } = await servers.as("bob").messages.list.query({ conversationId });
  expect(items.map(({ content }) => content)).toEqual([{ text: "first" }, { text: "second" }]);
  expect(sends).toHaveLength(2);
});

test("where tabs have neither locks nor a channel, none loses the session either", { timeout }, async ({ skip }) => {
  skip(!executablePath, noChromium);
  await using servers = await startEcho({ config: { core: { lifetimes: { ...defaultLifetimes, accessMs } } } });
  await using ada = await openBrowser(servers);
  await ada.context.addInitScript(() => {
    Object.defineProperty(navigator, "locks", { value: undefined });
    Object.defineProperty(globalThis, "BroadcastChannel", { value: undefined });
  });
  const tabs = await ada.openTabs();

  await eventually(() => expect(new Set(ada.refreshes).size).toBeGreaterThanOrEqual(3));

  await expectToGoOn(tabs, (await servers.user("ada")).userId);
});
