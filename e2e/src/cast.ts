import { createEcho, type Echo } from "@echo/client";
import type { Page } from "@playwright/test";
import { type Stack, stack } from "./stack.ts";

/** Somebody of one test, with the SDK in his hand. */
export interface Player {
  name: string;
  email: string;
  password: string;
  userId: string;
  echo: Echo;
}

/** The people of one test, and the conversation that Ada and Grace have. */
export interface Cast {
  ada: Player;
  grace: Player;
  alan: Player;
  conversationId: string;
  close(): void;
}

export async function createCast(): Promise<Cast> {
  const [ada, grace, alan] = await Promise.all([
    createPlayer("Ada Lovelace"),
    createPlayer("Grace Hopper"),
    createPlayer("Alan Turing"),
  ]);
  const { id: conversationId } = await ada.echo.api.conversations.create.mutate({
    type: "direct",
    memberIds: [grace.userId],
  });
  const close = () => {
    for (const { echo } of [ada, grace, alan]) echo.close();
  };
  return { ada, grace, alan, conversationId, close };
}

type Addresses = Pick<Stack, "apiUrl" | "realtimeUrl">;

export async function createPlayer(name: string, { apiUrl, realtimeUrl }: Addresses = stack()): Promise<Player> {
  const echo = createEcho({ apiUrl, realtimeUrl });
  const email = `${crypto.randomUUID()}@example.org`;
  const password = "a long enough pass phrase";
  const { user } = await echo.api.auth.register.mutate({ email, password, displayName: name });
  return { name, email, password, userId: user.userId, echo };
}

type Seats = ("ada" | "grace")[];

/** Has the demo's page serve these people in the place of its own. Whoever has no seat is elsewhere. */
export async function seat(page: Page, cast: Cast, seats: Seats = ["ada", "grace"]): Promise<void> {
  const { apiUrl, realtimeUrl } = stack();
  const facts = ({ name, email, password }: Player) => ({ name, email, password });
  const people = [
    ...seats.map((name) => ({ ...facts(cast[name]), role: "seat" })),
    { ...facts(cast.alan), role: "late" },
  ];
  const json = { apiUrl, realtimeUrl, people, conversationId: cast.conversationId };
  await page.route("**/demo.json", (route) => route.fulfill({ json }));
}
