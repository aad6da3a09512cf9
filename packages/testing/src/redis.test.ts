import { askRedis } from "@echo/cli/services";
import { expect, test } from "vitest";
import { describeOnRedis, describeWithRedisServer, startTestRedis } from "./redis.ts";

describeOnRedis("the run's Redis", (takeUrl) => {
  test("each caller has a database to himself", async () => {
    const [mine, another] = [await takeUrl(), await takeUrl()];
    await askRedis(mine, ["SET", "colour", "blue"]);

    expect(mine).not.toBe(another);
    expect(await askRedis(mine, ["GET", "colour"])).toEqual(["blue"]);
    expect(await askRedis(another, ["GET", "colour"])).toEqual([]);
  });
});

describeWithRedisServer("a redis-server of one's own", () => {
  test("asks for its password, and is gone after the test", async () => {
    await using server = await startTestRedis({ args: ["--requirepass", "a long one"] });
    const withPassword = Object.assign(new URL(server.url), { password: "a long one" }).href;

    await expect(askRedis(server.url, ["PING"])).rejects.toThrow("NOAUTH");
    expect(await askRedis(withPassword, ["PING"])).toEqual(["PONG"]);

    await server.stop();
    await expect(askRedis(server.url, ["PING"])).rejects.toThrow("ECONNREFUSED");
  });
});
