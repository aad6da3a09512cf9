import { createEcho, type Echo } from "@echo/client";

/** What the demo's server answers at /demo.json. */
export interface Demo {
  apiUrl: string;
  realtimeUrl: string;
  people: { name: string; email: string; password: string; role: "seat" | "late" }[];
  conversationId: string;
}

/** Somebody at this page, with a client of his own; the pane opens with that conversation. */
export type Person = { name: string; userId: string; echo: Echo; conversationId: string };

export async function signIn(demo: Demo, { name, email, password }: Demo["people"][number]): Promise<Person> {
  const echo = createEcho({ apiUrl: demo.apiUrl, realtimeUrl: demo.realtimeUrl });
  await echo.api.auth.login.mutate({ email, password });
  const { userId } = await echo.api.auth.me.query();
  return { name, userId, echo, conversationId: demo.conversationId };
}

/** Makes a group of these people, or takes them into the one that is called so. Answers its id. */
export async function gather({ echo }: Person, people: Person[], title: string): Promise<string> {
  const userIds = people.map(({ userId }) => userId);
  const { items } = await echo.api.conversations.list.query();
  const known = items.find((each) => each.title === title && each.mine.role === "owner");
  if (known) await echo.api.conversations.members.add.mutate({ conversationId: known.id, userIds });
  const group = known ?? (await echo.api.conversations.create.mutate({ type: "group", title, memberIds: userIds }));
  return group.id;
}

/** Answers what to say when it fails, else nothing. */
export const attempt = async (work: () => Promise<void>) =>
  (await Promise.allSettled([work()]))[0].status === "rejected" ? "That did not work. Try again." : "";
