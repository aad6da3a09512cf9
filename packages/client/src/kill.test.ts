import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createEcho } from "./create-echo.ts";
import { eventually } from "./test-support/eventually.ts";

/** Starts the process of an app as `npm start` does, on free ports. */
async function startProcess(app: "api" | "realtime", databaseUrl: string) {
  const main = fileURLToPath(new URL(`../../../apps/${app}/src/main.ts`, import.meta.url));
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    ECHO_SECRET: Buffer.alloc(32, 7).toString("base64url"),
    ECHO_HOST: "127.0.0.1",
    LOG_LEVEL: "fatal",
    API_PORT: "0",
    API_INTERNAL_PORT: "0",
    REALTIME_PORT: "0",
    REALTIME_INTERNAL_PORT: "0",
  };
  const child: ChildProcess = fork(main, {
    env,
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [{ port }] = await once(child, "message");
  return {
    address: `127.0.0.1:${port}`,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("kill -9 of an API and of a realtime node: nothing is lost, doubled or out of order", {
  timeout: 90_000,
}, async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const processes = await Promise.all(
    (["api", "api", "realtime", "realtime"] as const).map((app) => startProcess(app, database.url)),
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
    await Promise.all([apis[0]?.kill(), nodes[0]?.kill()]);
    await Promise.all(sent);

    const wanted = sent.map((_, n) => `${n + 1} m${n}`);
    await eventually(() => expect(received).toHaveLength(60));
    expect(received).toEqual(wanted);
  } finally {
    ada.client.close();
    bob.client.close();
    await Promise.all(processes.map((child) => child.kill()));
  }
});
