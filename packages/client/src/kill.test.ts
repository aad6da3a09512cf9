import { createTestDatabase, startTestProcess } from "@echo/testing";
import { expect, test } from "vitest";
import { createEcho } from "./create-echo.ts";
import { eventually } from "./test-support/eventually.ts";

test("kill -9 of an API and of a realtime node: nothing is lost, doubled or out of order", {
  timeout: 90_000,
}, async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const processes = await Promise.all(
    (["api", "api", "realtime", "realtime"] as const).map((app) => startTestProcess(app, database.url)),
  );
  const [apis, nodes] = [processes.slice(0, 2), processes.slice(2)];
  const signUp = async (name: string) => {
    const client = createEcho({
      apiUrl: apis.map(({ address }) => `http://${address}`),
      realtimeUrl: nodes.map(({ address }) => `ws://${address}`),
    });
    const email = `${name}@example.org`;
    const { user } = await client.api.auth.register.mutate({ email, password: "correct horse battery staple" });
    return { client, userId: user.userId };
  };
  const [ada, bob] = await Promise.all([signUp("ada"), signUp("bob")]);
  const received: string[] = [];
  bob.client.on("message.created", ({ data }) => received.push(`${data.seq} ${data.clientMessageId}`));
  try {
    const { id: conversationId } = await ada.client.api.conversations.create.mutate({
      type: "group",
      memberIds: [bob.userId],
    });
    await bob.client.connect();

    const sent = Array.from({ length: 60 }, (_, n) =>
      ada.client.send({ conversationId, clientMessageId: `m${n}`, type: "text", content: { text: `message ${n}` } }),
    );
    await sent[20];
    await Promise.all([apis[0]?.end("SIGKILL"), nodes[0]?.end("SIGKILL")]);
    await Promise.all(sent);

    const wanted = sent.map((_, n) => `${n + 1} m${n}`);
    await eventually(() => expect(received).toHaveLength(60));
    expect(received).toEqual(wanted);
  } finally {
    ada.client.close();
    bob.client.close();
    await Promise.all(processes.map((child) => child.end("SIGKILL")));
  }
});
