import { describeOnRedis } from "@echo/testing/redis";
import { afterAll, expect, test } from "vitest";
import { openTestConnection } from "../redis/test-connection.ts";
import { cacheConformance } from "./cache.conformance.ts";
import { createCache } from "./create-cache.ts";
import { createRedisStore } from "./redis-store.ts";

describeOnRedis("the cache in Redis", (takeUrl) => {
  const opened: { close(): Promise<void> }[] = [];
  afterAll(async () => {
    for (const each of opened) await each.close();
  });

  async function openHarness() {
    const { connection } = await openTestConnection(await takeUrl());
    opened.push(connection);
    const cache = createCache(createRedisStore({ connection, prefix: "test" }));
    return { cache, makeUnavailable: () => connection.close() };
  }

  test.each(cacheConformance)("$name", async ({ run }) => {
    await run(await openHarness());
  });

  test("it says that processes share it", async () => {
    expect((await openHarness()).cache.driver).toEqual({ name: "redis", isShared: true });
  });
});
