import { setRoleDefaults } from "@echo/db";
import { expect, test } from "vitest";
import { createApiClient, createSdk } from "./clients.ts";
import { createTestDatabase } from "./create-test-database.ts";
import { addPerson, newSuffix, type Person } from "./people.ts";
import { describeWithPooler, startTestPooler } from "./pooler.ts";
import { type Node, startNode } from "./start-node.ts";

/** Two nodes that reach their database through a pooler of fewer connections than their pools have. */
async function startPooled() {
  const database = await createTestDatabase({ poolMax: 1 });
  const pooler = await startTestPooler(database.url, { size: 6 });
  await setRoleDefaults(pooler.url);
  const core = {
    database: { url: pooler.url, directUrl: database.url, poolMax: 10, namedStatements: false },
  };
  const nodes = [await startNode(pooler.url, { core }), await startNode(pooler.url, { core })] as const;
  const suffix = newSuffix();
  const closers: (() => Promise<void>)[] = [];
  return {
    nodes,
    person: (name: string) => addPerson(nodes[0].core, name, suffix),
    sdkOf({ accessToken }: Person, { api, realtime }: Node) {
      const urls = { apiUrl: [api.url], realtimeUrl: [realtime.url] };
      const { sdk, close } = createSdk(urls, async () => accessToken);
      closers.push(close);
      return sdk;
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close();
      for (const node of nodes) await node.close();
      await pooler[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => String(n + 1));

describeWithPooler("nodes behind a pooler", () => {
  test("send, deliver live between nodes, and give what was missed, once and in order", {
    timeout: 60_000,
  }, async () => {
    await using pooled = await startPooled();
    const [one, two] = pooled.nodes;
    const [ada, bob] = [await pooled.person("ada"), await pooled.person("bob")];
    const api = createApiClient(one.api.url, async () => ada.accessToken);
    const { id: conversationId } = await api.conversations.create.mutate({ type: "direct", memberIds: [bob.userId] });
    const send = (text: string) => {
      const clientMessageId = `m-${text}`;
      return api.messages.send.mutate({ conversationId, clientMessageId, type: "text", content: { text } });
    };
    const heard: number[] = [];
    const sdk = pooled.sdkOf(bob, two);
    sdk.on("message.created", ({ data }) => void heard.push(data.seq));
    await sdk.connect();

    for (const text of upTo(5)) await send(text);
    await expect.poll(() => heard).toEqual([1, 2, 3, 4, 5]);
    sdk.disconnect();
    await Promise.all(upTo(45).slice(5).map(send));
    await sdk.connect();

    await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(45);
    expect(heard).toEqual(Array.from({ length: 45 }, (_, n) => n + 1));
  });

  test("many transactions at once share its connections: all of them end, each conversation is there", {
    timeout: 60_000,
  }, async () => {
    await using pooled = await startPooled();
    const people = await Promise.all(upTo(20).map((name) => pooled.person(`p${name}`)));
    const [first, ...others] = people.map((person, n) => ({
      person,
      api: createApiClient(pooled.nodes[n % 2 === 0 ? 0 : 1].api.url, async () => person.accessToken),
    }));

    const made = await Promise.all(
      others.map(({ api }) =>
        api.conversations.create.mutate({ type: "direct", memberIds: [first?.person.userId ?? ""] }),
      ),
    );

    const listed = await first?.api.conversations.list.query({});
    expect(new Set(listed?.items.map(({ id }) => id))).toEqual(new Set(made.map(({ id }) => id)));
  });
});
