import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type Echo, startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";

test("staff see each node with who is connected to it, from any API, and none that has gone", async () => {
  await using echo = await startEcho({ nodes: 2 });
  const [first, second] = echo.nodes.map(({ realtime }) => new URL(realtime.url).host);
  const listen = (name: string, node: number) =>
    new Promise<void>((resolve) => {
      echo.realtimeAs(name, node).events.subscribe.subscribe({}, { onData: () => resolve() });
    });
  await Promise.all([listen("ada", 0), listen("bob", 0), listen("eve", 1)]);
  const shown = async (api: number) =>
    (await (await echo.staff(api)).api.overview.query()).nodes.map(({ name, sockets, users }) => ({
      name,
      sockets,
      users,
    }));
  const both = [
    { name: first, sockets: 2, users: 2 },
    { name: second, sockets: 1, users: 1 },
  ].sort((one, other) => Number(one.name?.split(":")[1]) - Number(other.name?.split(":")[1]));

  for (const api of [0, 1]) await expect.poll(() => shown(api), { timeout: 20_000 }).toEqual(both);

  await echo.nodes[1]?.realtime.close();
  await expect
    .poll(() => shown(0), { timeout: 20_000 })
    .toEqual([expect.objectContaining({ name: first, sockets: expect.any(Number) })]);
});

/** A realtime node as a process of its own, on the stores of that Echo. */
async function startProcess({ databaseUrl, core }: Echo) {
  const child = fork(fileURLToPath(new URL("main.ts", import.meta.url)), {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      ECHO_SECRET: Buffer.from(core.config.secret).toString("base64url"),
      ECHO_ISSUER: core.config.issuer,
      ECHO_HOST: "127.0.0.1",
      LOG_LEVEL: "fatal",
      REALTIME_PORT: "0",
      REALTIME_INTERNAL_PORT: "0",
    },
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [{ port }] = await once(child, "message");
  return {
    name: `127.0.0.1:${port}`,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("a node that was killed is shown for 15 s at most, without a goodbye", { timeout: 60_000 }, async () => {
  await using echo = await startEcho({ nodes: 1 });
  const doomed = await startProcess(echo);
  const { api } = await echo.staff();
  const shown = async () => (await api.overview.query()).nodes.find(({ name }) => name === doomed.name);
  const { accessToken } = await echo.user("ada");
  using socket = await RawClient.connect(`ws://${doomed.name}`, { token: accessToken });
  try {
    socket.query(1, "ping");
    await expect.poll(shown, { timeout: 20_000 }).toMatchObject({ sockets: 1, users: 1 });
    await doomed.kill();

    await expect.poll(shown, { timeout: 25_000 }).toBeUndefined();
    expect((await api.overview.query()).nodes).toHaveLength(1);
  } finally {
    await doomed.kill();
  }
});
