import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";

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
