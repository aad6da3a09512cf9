import { setTimeout as pause } from "node:timers/promises";
import { type App, type AppProcess, createTestDatabase, startTestProcess } from "@echo/testing";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { createEcho } from "./create-echo.ts";
import type { Echo } from "./echo.ts";
import { eventually } from "./test-support/eventually.ts";

const password = "correct horse battery staple";
const socketsPerNode = 60;
/** Between two calls of a kind, so that the processes have time to start beside them. */
const paceMs = 40;

/** Two of each, on ports that they keep. */
async function startStack(databaseUrl: string) {
  const apps: App[] = ["api", "api", "realtime", "realtime"];
  const processes = await Promise.all(apps.map((app) => startTestProcess(app, databaseUrl)));
  const portsOf = (app: App) => processes.filter((each) => each.app === app).map(({ address }) => address);
  return {
    processes,
    apiUrl: portsOf("api").map((address) => `http://${address}`),
    realtimeUrl: portsOf("realtime").map((address) => `ws://${address}`),
    /** SIGTERM, and another one in its place. */
    async restart(index: number): Promise<number | null> {
      const { app, port } = processes[index] as AppProcess;
      const exitCode = await processes[index]?.end("SIGTERM");
      processes[index] = await startTestProcess(app, databaseUrl, { port });
      return exitCode ?? null;
    },
    stop: () => Promise.all(processes.map((each) => each.end("SIGKILL"))),
  };
}

type Stack = Awaited<ReturnType<typeof startStack>>;

async function signUp({ apiUrl, realtimeUrl }: Stack, name: string) {
  const client = createEcho({ apiUrl, realtimeUrl });
  const email = `${name}@example.org`;
  const { user, accessToken } = await client.api.auth.register.mutate({ email, password });
  return { client, userId: user.userId, accessToken };
}

/** Sockets that only listen, and when and how each was closed. */
async function openSockets(url: string, token: string, closes: { code: number; atMs: number }[]) {
  await Promise.all(
    Array.from({ length: socketsPerNode }, async () => {
      const socket = new WebSocket(`${url}/trpc`);
      socket.on("open", () => socket.send(JSON.stringify({ method: "connectionParams", data: { token } })));
      socket.on("close", (code) => closes.push({ code, atMs: performance.now() }));
      await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    }),
  );
}

/** Calls all the time until told to stop; answers what failed. */
function keepCalling(work: Record<string, (n: number) => Promise<unknown>>) {
  let isOver = false;
  const counts: Record<string, number> = {};
  const failures: unknown[] = [];
  const runs = Object.entries(work).map(async ([name, call]) => {
    for (let n = 0; !isOver; n += 1) {
      await call(n).catch((error: unknown) => failures.push([name, n, error]));
      counts[name] = n + 1;
      await pause(paceMs);
    }
  });
  return {
    counts,
    failures,
    async stop() {
      isOver = true;
      await Promise.all(runs);
    },
  };
}

function callsOf(client: Echo, conversationId: string, memberIds: string[]) {
  return {
    send: (n: number) =>
      client.send({ conversationId, clientMessageId: `m${n}`, type: "text", content: { text: `message ${n}` } }),
    upsert: (n: number) => client.api.users.profile.upsert.mutate({ bio: `bio ${n}` }),
    create: (n: number) => client.api.conversations.create.mutate({ type: "group", title: `group ${n}`, memberIds }),
    list: () => client.api.conversations.list.query({}),
    type: () => client.realtime.messages.typing.mutate({ conversationId, activity: "typing" }),
  };
}

test("each process is restarted in turn: no call fails, nothing is lost or doubled, and sockets are sent away one by one", {
  timeout: 180_000,
}, async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const stack = await startStack(database.url);
  const [ada, bob, eve] = await Promise.all(["ada", "bob", "eve"].map((name) => signUp(stack, name)));
  if (!ada || !bob || !eve) throw new Error("nobody signed up");
  const received: string[] = [];
  bob.client.on("message.created", ({ data }) => received.push(`${data.clientMessageId}`));
  try {
    const memberIds = [bob.userId];
    const { id } = await ada.client.api.conversations.create.mutate({ type: "group", memberIds });
    await Promise.all([ada.client.connect(), bob.client.connect()]);
    const calls = keepCalling(callsOf(ada.client, id, memberIds));

    const exitCodes: unknown[] = [];
    for (const index of stack.processes.keys()) {
      const { app, address } = stack.processes[index] as AppProcess;
      const closes: { code: number; atMs: number }[] = [];
      if (app === "realtime") await openSockets(`ws://${address}`, eve.accessToken, closes);
      exitCodes.push(await stack.restart(index));
      if (app === "realtime") expectSpread(closes);
    }
    await calls.stop();

    expect(calls.failures).toEqual([]);
    expect(exitCodes).toEqual([0, 0, 0, 0]);
    for (const count of Object.values(calls.counts)) expect(count).toBeGreaterThan(20);
    const wanted = Array.from({ length: calls.counts.send ?? 0 }, (_, n) => `m${n}`);
    await eventually(() => expect(received.length).toBeGreaterThanOrEqual(wanted.length));
    expect(received).toEqual(wanted);
    // The first one was made before the calls.
    const conversations = await database.db.prisma.conversation.count({ where: { createdById: ada.userId } });
    expect(conversations).toBe(1 + (calls.counts.create ?? 0));
  } finally {
    for (const { client } of [ada, bob, eve]) client.close();
    await stack.stop();
  }
});

function expectSpread(closes: { code: number; atMs: number }[]): void {
  expect(closes.map(({ code }) => code)).toEqual(Array(socketsPerNode).fill(1001));
  const times = closes.map(({ atMs }) => atMs).sort((a, b) => a - b);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(socketsPerNode * 10);
}
