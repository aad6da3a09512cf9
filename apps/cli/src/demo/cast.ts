import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createEcho, type Echo, errorCode } from "@echo/client";
import { z } from "zod";
import { writePrivately } from "../stack/write-privately.ts";
import type { DemoConfig } from "./config.ts";

const Person = z.object({
  name: z.string(),
  email: z.string(),
  password: z.string(),
  /** "seat": is there from the beginning; "late": joins when somebody asks. */
  role: z.enum(["seat", "late"]),
});

/** The people of the demo, and the conversation that the two who are there have. */
const Cast = z.object({ people: z.array(Person), conversationId: z.string() });
export type Cast = z.infer<typeof Cast>;

const roles = [
  ["Ada Lovelace", "ada", "seat"],
  ["Grace Hopper", "grace", "seat"],
  ["Alan Turing", "alan", "late"],
] as const;

/** Who of the two says what. */
const lines: readonly [speaker: 0 | 1, text: string][] = [
  [0, "Morning! Did the migration go through?"],
  [1, "It did. 40 million rows, no downtime, and I slept."],
  [0, "Then today is for the release notes."],
  [1, "I have a draft. Two commands to run it, one page to read."],
  [0, "Type it out here, I am watching the ticks turn."],
];

/** The cast of this ECHO_HOME; made anew when its database does not know it (any more). */
export async function findOrMakeCast(config: DemoConfig): Promise<Cast> {
  const path = join(config.home, "demo.json");
  const kept = await readCast(path);
  if (kept && (await isKnown(config, kept))) return kept;
  const made = await makeCast(config);
  await writePrivately(path, made);
  return made;
}

async function readCast(path: string): Promise<Cast | null> {
  try {
    return Cast.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}

async function isKnown(config: DemoConfig, { people }: Cast): Promise<boolean> {
  const [first] = people;
  if (!first) return false;
  const echo = createEcho(config);
  try {
    await echo.api.auth.login.mutate({ email: first.email, password: first.password });
    await echo.api.auth.logout.mutate({});
    return true;
  } catch (error) {
    if (errorCode(error) === "UNAUTHORIZED") return false;
    throw error;
  } finally {
    echo.close();
  }
}

async function makeCast(config: DemoConfig): Promise<Cast> {
  // Nobody can know the addresses or guess the passwords: the accounts of a demo are accounts.
  const troupe = randomBytes(4).toString("hex");
  const people = roles.map(([name, local, role]) => ({
    name,
    email: `${local}.${troupe}@demo.example`,
    password: randomBytes(18).toString("base64url"),
    role,
  }));
  const clients = people.map(() => createEcho(config));
  try {
    const userIds: string[] = [];
    for (const [index, { name, email, password }] of people.entries()) {
      const result = await clients[index]?.api.auth.register.mutate({ email, password, displayName: name });
      if (result) userIds.push(result.user.userId);
    }
    const [ada, grace] = clients;
    if (!ada || !grace) throw new Error("The demo needs two people");
    return { people, conversationId: await talk([ada, grace], userIds[1] ?? "") };
  } finally {
    await Promise.all(clients.map(leave));
  }
}

async function talk(speakers: readonly [Echo, Echo], otherId: string): Promise<string> {
  const { id: conversationId } = await speakers[0].api.conversations.create.mutate({
    type: "direct",
    memberIds: [otherId],
  });
  for (const [index, [speaker, text]] of lines.entries()) {
    await speakers[speaker].api.messages.send.mutate({
      conversationId,
      clientMessageId: `demo-${index}`,
      type: "text",
      content: { text },
    });
  }
  return conversationId;
}

async function leave(echo: Echo): Promise<void> {
  await echo.api.auth.logout.mutate({}).catch(() => undefined);
  echo.close();
}
