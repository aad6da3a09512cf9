import { readFileSync } from "node:fs";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectAs, positionOf, type Reachable, say, subscribed, urlOf } from "./test-kit.ts";

const page = readFileSync(new URL("../../../docs/realtime-protocol.md", import.meta.url), "utf8");
const transcripts = page.split("\n## ").flatMap((section) => {
  const [title = ""] = section.split("\n", 1);
  return Array.from(section.matchAll(/```transcript\n(.*?)```/gs), ([, lines = ""]) => ({ title, lines }));
});

/** `*` is any value, `$name` one that is bound at its first use. */
function matches(expected: unknown, actual: unknown, bound: Map<string, unknown>): boolean {
  if (expected === "*") return actual !== undefined;
  if (typeof expected === "string" && expected.startsWith("$")) {
    if (!bound.has(expected)) bound.set(expected, actual);
    return bound.get(expected) === actual;
  }
  if (typeof expected !== "object" || expected === null) return expected === actual;
  if (typeof actual !== "object" || actual === null) return false;
  const names = Object.keys(expected);
  return (
    names.length === Object.keys(actual).length &&
    names.every((name) => matches(Reflect.get(expected, name), Reflect.get(actual, name), bound))
  );
}

async function startScene() {
  const echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const [ada, bob] = await Promise.all([echo.user("ada"), echo.user("bob")]);
  await echo.core.events.appendNow();
  const { epoch, position } = await echo.core.events.head();
  const bound = new Map<string, unknown>([
    ["$token", ada.accessToken],
    ["$conversation", conversationId],
    ["$ada", ada.userId],
    ["$bob", bob.userId],
    ["$before", `${epoch}.${position}`],
  ]);
  const acts: Record<string, (rest: string) => Promise<unknown>> = {
    "ada signs out": () => echo.as("ada").auth.logout.mutate({}),
    "bob types": () => echo.as("bob").messages.typing.mutate({ conversationId, activity: "typing" }),
    "bob sends": (text) => say(echo.core, bob, [conversationId, text]),
  };
  const act = async (line: string) => {
    const name = Object.keys(acts).find((known) => line.startsWith(known));
    await acts[name ?? ""]?.(line.slice(name?.length).trim());
    await echo.core.events.appendNow();
  };
  await untilNodeHas(echo, position);
  return { echo, bound, act };
}

/** The page's cursors are the node's own: it must have caught up with the scene. */
async function untilNodeHas(echo: Reachable, position: number): Promise<void> {
  using client = await connectAs(echo, "bob");
  for (let id = 1; positionOf(await subscribed(client, id)) < position; id += 1);
}

const bind = (line: string, bound: Map<string, unknown>) =>
  line.replaceAll(/\$\w+/g, (name) => String(bound.get(name) ?? name));

test.each(transcripts)("$title: the transcript is what happens", async ({ lines }) => {
  const { echo, bound, act } = await startScene();
  using client = await RawClient.connect(urlOf(echo), { token: null });
  let seen = 0;

  for (const line of lines.trim().split("\n")) {
    const rest = line.slice(2);
    if (line.startsWith("! ")) await act(rest);
    else if (line.startsWith("> ")) client.send(bind(rest, bound));
    else if (rest.startsWith("close")) expect(`close ${(await client.closed).code}`).toBe(rest);
    else {
      const text = await client.until(() => client.texts[seen]);
      seen += 1;
      const [expected, actual] = rest.startsWith("{") ? [JSON.parse(rest), JSON.parse(text)] : [rest, text];
      expect({ line: rest, actual, isMatch: matches(expected, actual, bound) }).toMatchObject({ isMatch: true });
    }
  }
  expect(client.texts).toHaveLength(seen);
});
