import { readFileSync } from "node:fs";
import { DurableEvent, EphemeralEvent } from "@echo/contracts";
import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { closeCodes } from "./close-codes.ts";
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
  const [ada, bob, carol] = await Promise.all([echo.user("ada"), echo.user("bob"), echo.user("carol")]);
  await echo.core.events.appendNow();
  const { epoch, position } = await echo.core.events.head();
  const bound = new Map<string, unknown>([
    ["$token", ada.accessToken],
    ["$conversation", conversationId],
    ["$ada", ada.userId],
    ["$bob", bob.userId],
    ["$before", `${epoch}.${position}`],
  ]);
  const { conversations, messages } = echo.as("bob");
  const group = () => ({ conversationId: String(bound.get("$group")) });
  const acts: Record<string, (rest: string) => Promise<unknown>> = {
    "ada signs out": () => echo.as("ada").auth.logout.mutate({}),
    "ada sends": (text) => say(echo.core, ada, [conversationId, text]),
    "ada leaves": () => echo.as("ada").conversations.leave.mutate(group()),
    "ada reads it elsewhere": () => echo.as("ada").messages.markRead.mutate({ ...group(), seq: 1 }),
    "ada changes her profile": () => echo.as("ada").users.profile.upsert.mutate({ bio: "counts" }),
    "ada ends her other session": async () => {
      await echo.anonymous().auth.login.mutate({ email: ada.email, password: testPassword });
      await echo.as("ada").auth.logout.mutate({ scope: "others" });
    },
    "bob makes a group with ada": () => conversations.create.mutate({ type: "group", memberIds: [ada.userId] }),
    "bob makes a channel with ada": () => conversations.create.mutate({ type: "channel", memberIds: [ada.userId] }),
    "bob adds carol": () => conversations.members.add.mutate({ ...group(), userIds: [carol.userId] }),
    "bob leaves": () => conversations.leave.mutate(group()),
    "bob reads": () => messages.markRead.mutate({ conversationId, seq: 1 }),
    "bob writes there": () => say(echo.core, bob, [group().conversationId, "to all"]),
    "bob types": () => messages.typing.mutate({ conversationId, activity: "typing" }),
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
  const nodePosition = async () => {
    using client = await connectAs(echo, "bob");
    return positionOf(await subscribed(client, 1));
  };
  await expect.poll(nodePosition, { timeout: 20_000 }).toBeGreaterThanOrEqual(position);
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
      expect(matches(expected, actual, bound), `${rest}\nis what was to come; it was\n${text}`).toBe(true);
    }
  }
  expect(client.texts).toHaveLength(seen);
});

test.each([...DurableEvent.options, ...EphemeralEvent.options].map(({ shape }) => shape.type.value))(
  "the page tells of %s",
  (type) => {
    expect(page).toContain(`\`${type}\``);
  },
);

test.each([1002, 1007, 1009, ...Object.values(closeCodes)])("the page tells of close code %i", (code) => {
  expect(page).toMatch(new RegExp(`^\\| [^|]*\\b${code}\\b`, "m"));
});
