import { migrate } from "@echo/db";
import { expect, test } from "vitest";
import { createApiClient, createRealtimeClient } from "./clients.ts";
import { findPostgres15, noPostgres15 } from "./find-postgres-15.ts";
import { describeIfHad } from "./leave-out.ts";
import { addPerson, newSuffix, type Person } from "./people.ts";
import { type Postgres15, startPostgres15 } from "./postgres-15.ts";
import { type Node, startNode } from "./start-node.ts";

const clientOf = (node: Node, { accessToken }: Person) => createApiClient(node.api.url, async () => accessToken);

async function openNode(databaseUrl: string): Promise<Node & AsyncDisposable> {
  const node = await startNode(databaseUrl);
  return { ...node, [Symbol.asyncDispose]: () => node.close() };
}

/** Of the running cluster into the new one, as docs/operate.md says: by the plain role that is to own everything. */
async function dumpAndRestore(from: Postgres15, databaseUrl: string, to: Postgres15): Promise<string> {
  await from.run("pg_dump", "--format=custom", "--file=echo.dump", `--dbname=${databaseUrl}`);
  const url = await to.createDatabase();
  await from.run("pg_restore", "--exit-on-error", "--no-owner", `--dbname=${url}`, "echo.dump");
  return url;
}

describeIfHad("a dump of PostgreSQL 15", findPostgres15() === null ? noPostgres15 : null, () => {
  test("restored into a fresh cluster goes on with a new epoch: old cursors are reset, and what is sent arrives", {
    timeout: 90_000,
  }, async () => {
    await using from = await startPostgres15();
    await using to = await startPostgres15();
    const databaseUrl = await from.createDatabase();
    await migrate({ url: databaseUrl });
    await using before = await openNode(databaseUrl);
    const suffix = newSuffix();
    const [ada, bob] = [await addPerson(before.core, "ada", suffix), await addPerson(before.core, "bob", suffix)];
    const { id: conversationId } = await clientOf(before, ada).conversations.create.mutate({
      type: "direct",
      memberIds: [bob.userId],
    });
    const send = (node: Node, text: string) =>
      clientOf(node, ada).messages.send.mutate({
        conversationId,
        clientMessageId: crypto.randomUUID(),
        type: "text",
        content: { text },
      });
    for (const text of ["one", "two", "three"]) await send(before, text);
    await before.core.events.appendNow();
    const head = await before.core.events.head();
    const { cursor: dumped } = await clientOf(before, bob).conversations.sync.query({});

    const restoredUrl = await dumpAndRestore(from, databaseUrl, to);
    await send(before, "after the dump");
    await before.core.events.appendNow();
    const { cursor: lost } = await clientOf(before, bob).conversations.sync.query({});
    await using after = await openNode(restoredUrl);

    const bobAfter = clientOf(after, bob);
    const headAfter = await after.core.events.head();
    expect(headAfter).toMatchObject({ position: head.position, floor: head.floor });
    expect(headAfter.epoch).not.toBe(head.epoch);
    const place = `${headAfter.epoch}.${headAfter.position}`;
    for (const cursor of [dumped, lost]) {
      expect(await bobAfter.conversations.sync.query({ cursor })).toEqual({ reset: true, cursor: place });
    }
    const { items } = await bobAfter.messages.list.query({ conversationId });
    expect(items.map(({ content }) => content)).toEqual(["one", "two", "three"].map((text) => ({ text })));

    const socket = createRealtimeClient(after.realtime.url, async () => bob.accessToken);
    const heard: string[] = [];
    socket.client.events.subscribe.subscribe(
      { cursor: lost },
      { onData: ({ id, data }) => void heard.push(data.type === "message.created" ? `${data.type} ${id}` : data.type) },
    );
    await expect.poll(() => heard).toContain("sync.reset");
    expect((await send(after, "four")).seq).toBe(4);
    await expect.poll(() => heard).toContain(`message.created ${headAfter.epoch}.${headAfter.position + 1}`);
    await socket.close();
  });
});
