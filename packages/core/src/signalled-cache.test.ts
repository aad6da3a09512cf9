import type { Bus, CacheSpace } from "@echo/platform";
import { createTestDatabase } from "@echo/testing";
import { describeOnRedis } from "@echo/testing/redis";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Core } from "./core.ts";
import { createSignalledCache } from "./signalled-cache.ts";
import { createTestCore } from "./test-core.ts";

const channel = "colours";
const Colour = z.object({ name: z.string() });
type Colour = z.infer<typeof Colour>;
const Signal = z.object({ keys: z.array(z.string()) });

/** A cache of colours over a bus that the test holds in its hands, and what was asked of the truth. */
function coloursOn(core: Core) {
  const truth = new Map<string, Colour>([["a", { name: "red" }]]);
  const asked: string[][] = [];
  const bus = { ageMs: 0, signal: (_payload: unknown) => {}, reconnect: () => {} };
  const held: Bus = {
    ...core.bus,
    heartbeatAgeMs: () => bus.ageMs,
    async subscribe(_channel, onMessage) {
      bus.signal = onMessage;
      return { unsubscribe: async () => {} };
    },
    onReconnect(listener) {
      bus.reconnect = listener;
      return () => {};
    },
  };
  const cache = createSignalledCache<Colour>(
    { ...core, bus: held },
    {
      prefix: "colour",
      schema: Colour,
      ttlMs: 60_000,
      maxLocalEntries: 10,
      channel,
      keysOf: (signal) => Signal.safeParse(signal).data?.keys ?? [],
    },
  );
  const load = async (missing: string[]) => {
    asked.push(missing);
    return new Map(missing.flatMap((key) => (truth.has(key) ? [[key, truth.get(key) ?? { name: "" }]] : [])));
  };
  const get = async (key: string, by = load) => (await cache.getMany([key], by)).get(key)?.name;
  return { cache, bus, truth, asked, load, get };
}

async function withColours(work: (colours: ReturnType<typeof coloursOn>, core: Core) => Promise<void>) {
  await using database = await createTestDatabase();
  await using test = await createTestCore(database.url);
  const colours = coloursOn(test.core);
  // The first call begins to listen and keeps nothing.
  await colours.get("a");
  colours.asked.length = 0;
  await work(colours, test.core);
}

describe("while the bus is heard", () => {
  test("a value is loaded once, and what does not exist each time", () =>
    withColours(async ({ cache, asked, load, get }) => {
      expect(await get("a")).toBe("red");
      expect(await get("a")).toBe("red");
      expect(await cache.getMany(["a", "none"], load)).toEqual(new Map([["a", { name: "red" }]]));
      expect(await get("none")).toBeUndefined();
      expect(asked).toEqual([["a"], ["none"], ["none"]]);
    }));

  test("a signal makes it be loaded again; one that is none of its own does not", () =>
    withColours(async ({ bus, truth, asked, get }) => {
      await get("a");
      truth.set("a", { name: "blue" });
      for (const other of [null, 7, { keys: "a" }, { keys: ["b"] }]) bus.signal(other);
      expect(await get("a")).toBe("red");
      bus.signal({ keys: ["a"] });
      await expect.poll(() => get("a")).toBe("blue");
      expect(asked.length).toBe(2);
    }));

  test("what was read before a signal is not kept after it", () =>
    withColours(async ({ bus, truth, load, get }) => {
      const late = await get("a", async (missing) => {
        const old = await load(missing);
        truth.set("a", { name: "blue" });
        bus.signal({ keys: ["a"] });
        return old;
      });
      expect(late).toBe("red");
      expect(await get("a")).toBe("blue");
    }));

  test("the process that changes a value forgets it at once", () =>
    withColours(async ({ cache, truth, get }) => {
      await get("a");
      truth.set("a", { name: "blue" });
      await cache.forget(["a"]);
      expect(await get("a")).toBe("blue");
    }));
});

describe("what may be old is not used", () => {
  test("before it listens, and while no heartbeat comes", () =>
    withColours(async ({ bus, truth, get }) => {
      await get("a");
      truth.set("a", { name: "blue" });
      bus.ageMs = 2_000;
      expect(await get("a")).toBe("blue");
    }));

  test("after the bus was away", () =>
    withColours(async ({ bus, truth, get }, core) => {
      await get("a");
      truth.set("a", { name: "blue" });
      const before = core.clock.now().getTime();
      await expect.poll(() => core.clock.now().getTime()).toBeGreaterThan(before);
      bus.reconnect();
      expect(await get("a")).toBe("blue");
    }));

  test("while the cache could not be told to forget it", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const state = { fails: false };
    const { cache } = test.core;
    const failing: Core["cache"] = {
      ...cache,
      space<T>(prefix: string, schema: z.ZodType<T>): CacheSpace<T> {
        const space = cache.space(prefix, schema);
        const setMany: typeof space.setMany = async (entries, ttlMs) => {
          if (state.fails) throw new Error("away");
          await space.setMany(entries, ttlMs);
        };
        return { ...space, setMany };
      },
    };
    const { bus, truth, get } = coloursOn({ ...test.core, cache: failing });
    await get("a");
    await get("a");
    truth.set("a", { name: "blue" });
    state.fails = true;
    bus.signal({ keys: ["a"] });
    expect(await get("a")).toBe("blue");
    state.fails = false;
    truth.set("a", { name: "green" });
    bus.signal({ keys: ["a"] });
    await expect.poll(() => get("a")).toBe("green");
  });
});

describeOnRedis("in a cache that processes share", (takeUrl) => {
  test("a value that one read before the change and kept after it comes back to nobody", async () => {
    await using database = await createTestDatabase();
    const redis = { url: await takeUrl() };
    await using first = await createTestCore(database.url, undefined, redis);
    await using second = await createTestCore(database.url, undefined, redis);
    const [deaf, other] = [coloursOn(first.core), coloursOn(second.core)];
    for (const colours of [deaf, other]) await colours.get("a", async () => new Map());

    await deaf.get("a", async (missing) => {
      const old = await deaf.load(missing);
      other.truth.set("a", { name: "blue" });
      // The signal of it never reaches the first.
      await other.cache.forget(["a"]);
      return old;
    });

    expect(await other.get("a")).toBe("blue");
    expect(other.asked).toEqual([["a"]]);
  });

  test("what one loaded the other needs not load", async () => {
    await using database = await createTestDatabase();
    const redis = { url: await takeUrl() };
    await using first = await createTestCore(database.url, undefined, redis);
    await using second = await createTestCore(database.url, undefined, redis);
    const [one, other] = [coloursOn(first.core), coloursOn(second.core)];
    for (const colours of [one, other]) await colours.get("none");

    await one.get("a");

    expect(await other.get("a")).toBe("red");
    expect(other.asked).toEqual([["none"]]);
  });

  const failing = (core: Core, state: { fails: boolean }): Core => ({
    ...core,
    cache: {
      ...core.cache,
      space<T>(prefix: string, schema: z.ZodType<T>): CacheSpace<T> {
        const space = core.cache.space(prefix, schema);
        const refuse = () => Promise.reject(new Error("away"));
        const unless = <F extends (...args: never[]) => Promise<unknown>>(call: F) =>
          ((...args: never[]) => (state.fails ? refuse() : call(...args))) as F;
        return { ...space, setMany: unless(space.setMany), delete: unless(space.delete) };
      },
    },
  });

  test("what it could not be told while it was away it is told when the bus is back, before somebody new reads it", async () => {
    await using database = await createTestDatabase();
    const redis = { url: await takeUrl() };
    await using first = await createTestCore(database.url, undefined, redis);
    await using second = await createTestCore(database.url, undefined, redis);
    const state = { fails: false };
    const old = coloursOn(failing(first.core, state));
    await old.get("none");
    await old.get("a");
    state.fails = true;
    await old.cache.forget(["a"]);
    state.fails = false;

    old.bus.reconnect();

    const kept = second.core.cache.space("colour", z.object({ value: z.unknown() }));
    await expect.poll(async () => (await kept.get("a"))?.value).toBeUndefined();
    const newcomer = coloursOn(second.core);
    newcomer.truth.set("a", { name: "blue" });
    await newcomer.get("none");
    expect(await newcomer.get("a")).toBe("blue");
  });

  test("a full one, which takes no mark, lets go of the value", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url, undefined, { url: await takeUrl() });
    const { cache } = test.core;
    const isFull = { is: false };
    const full: Core["cache"] = {
      ...cache,
      space<T>(prefix: string, schema: z.ZodType<T>): CacheSpace<T> {
        const space = cache.space(prefix, schema);
        const setMany: typeof space.setMany = async (entries, ttlMs) => {
          if (isFull.is) throw new Error("OOM");
          await space.setMany(entries, ttlMs);
        };
        return { ...space, setMany };
      },
    };
    const colours = coloursOn({ ...test.core, cache: full });
    await colours.get("none");
    await colours.get("a");
    isFull.is = true;

    await colours.cache.forget(["a"]);

    expect(await cache.space("colour", z.unknown()).get("a")).toBeNull();
  });
});
