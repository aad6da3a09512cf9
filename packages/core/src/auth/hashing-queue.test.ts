import { describe, expect, test } from "vitest";
import { createHashingQueue, type QueuedRequest } from "./hashing-queue.ts";

/** A queue whose work ends when the test says so. */
function queueUnderTest(perNetwork = 4) {
  const queue = createHashingQueue({ concurrency: 2, places: 32, perNetwork, monotonicMs: () => 0 });
  const running: { name: string; end(): void }[] = [];
  const started: string[] = [];
  const enter = (name: string, request: Partial<QueuedRequest> = {}) =>
    queue.run({ network: name, hasDeviceToken: false, ...request }, () => {
      started.push(name);
      return new Promise<void>((end) => running.push({ name, end }));
    });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const endOne = async () => {
    await settled();
    running.shift()?.end();
    await settled();
  };
  return { enter, endOne, started, running };
}

const many = (count: number) => Array.from({ length: count }, (_, n) => `10.0.0.${n}`);
const refused = { code: "TOO_MANY_REQUESTS", limiter: "hashing" };

describe("the hashing queue", () => {
  test("runs two at a time, in the order of arrival", async () => {
    const { enter, endOne, started, running } = queueUnderTest();
    const all = ["a", "b", "c", "d"].map((name) => enter(name));

    await expect.poll(() => started).toEqual(["a", "b"]);
    await endOne();
    expect(started).toEqual(["a", "b", "c"]);
    expect(running).toHaveLength(2);
    await endOne();
    await endOne();
    await endOne();
    await Promise.all(all);
    expect(started).toEqual(["a", "b", "c", "d"]);
  });

  test("keeps 24 places for strangers and 8 more for known devices, and says when to come back", async () => {
    const { enter, endOne } = queueUnderTest();
    const strangers = many(26).map((ip) => enter(ip));
    await expect(enter("late")).rejects.toMatchObject({ ...refused, retryAfterMs: expect.any(Number) });

    const known = many(8).map((ip) => enter(`known ${ip}`, { hasDeviceToken: true }));
    const late = await enter("late known", { hasDeviceToken: true }).catch((error: unknown) => error);
    expect(late).toMatchObject(refused);
    expect((late as { retryAfterMs: number }).retryAfterMs).toBeGreaterThanOrEqual(250);

    for (let n = 0; n < 34; n++) await endOne();
    await Promise.all([...strangers, ...known]);
  });

  test("known devices may fill every place that is free", async () => {
    const { enter, endOne } = queueUnderTest();
    const known = many(34).map((ip) => enter(ip, { hasDeviceToken: true }));
    await expect(enter("late", { hasDeviceToken: true })).rejects.toMatchObject(refused);
    for (let n = 0; n < 34; n++) await endOne();
    await Promise.all(known);
  });

  test("known devices go first", async () => {
    const { enter, endOne, started } = queueUnderTest();
    const all = [enter("a"), enter("b"), enter("stranger"), enter("known", { hasDeviceToken: true })];
    await endOne();
    expect(started).toEqual(["a", "b", "known"]);
    for (let n = 0; n < 3; n++) await endOne();
    await Promise.all(all);
  });

  test("gives one network four places, and others still get theirs", async () => {
    const { enter, endOne } = queueUnderTest();
    const network = "2001:db8::/64";
    const all = many(6).map((name) => enter(name, { network }));
    await expect(enter("seventh", { network })).rejects.toMatchObject(refused);
    all.push(enter("elsewhere"));
    for (let n = 0; n < 7; n++) await endOne();
    await Promise.all(all);
    const again = enter("seventh", { network });
    await endOne();
    await expect(again).resolves.toBeUndefined();
  });

  test("a failing hash gives its turn on", async () => {
    const queue = createHashingQueue({ concurrency: 1, places: 4, perNetwork: 4, monotonicMs: () => 0 });
    const request = { network: "a", hasDeviceToken: false };
    const failing = queue.run(request, () => Promise.reject(new Error("out of memory")));
    const next = queue.run(request, () => Promise.resolve("hashed"));
    await expect(failing).rejects.toThrow("out of memory");
    await expect(next).resolves.toBe("hashed");
  });
});
