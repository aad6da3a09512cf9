import { systemClock } from "@echo/platform";
import { hash as argon2Hash } from "argon2";
import { describe, expect, test } from "vitest";
import { createPasswords } from "./passwords.ts";

const parameters = { memoryKib: 65_536, passes: 3, parallelism: 2 };
const passwordsOf = (argon2 = parameters) =>
  createPasswords({ argon2, queue: { places: 32, perIp: 4 }, clock: systemClock });
const light = { memoryKib: 64, passes: 1, parallelism: 1 };
const request = { ip: "192.0.2.1", hasDeviceToken: false };
const password = "correct horse battery";

describe("with the parameters of security.md", () => {
  test("a password is hashed to a PHC string and verified", async () => {
    const passwords = passwordsOf();
    const stored = await passwords.hash(password, request);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=2\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    await expect(passwords.verify(password, stored, request)).resolves.toEqual({ matches: true, needsRehash: false });
    await expect(passwords.verify("another", stored, request)).resolves.toEqual({ matches: false, needsRehash: false });
  });

  test("nobody's password costs a verification with the same parameters and never matches", async () => {
    const passwords = passwordsOf();
    for (const guess of ["", password]) {
      await expect(passwords.verify(guess, null, request)).resolves.toEqual({ matches: false, needsRehash: false });
    }
  });
});

describe("verification", () => {
  test("is of the NFKC form", async () => {
    const passwords = passwordsOf(light);
    const stored = await passwords.hash("cafe\u0301 ﬁrst", request);
    await expect(passwords.verify("café first", stored, request)).resolves.toMatchObject({ matches: true });
  });

  test.each([
    ["less memory", { ...light, memoryKib: 32 }, true],
    ["fewer passes", { ...light, passes: 1 }, true],
    ["the same", { ...light, passes: 2 }, false],
    ["more memory", { ...light, memoryKib: 128, passes: 2 }, false],
    ["more passes", { ...light, passes: 3 }, false],
  ])("asks for a new hash after %s: %s", async (_what, stored, needsRehash) => {
    const old = await passwordsOf(stored).hash(password, request);
    const verdict = await passwordsOf({ ...light, passes: 2 }).verify(password, old, request);
    expect(verdict).toEqual({ matches: true, needsRehash });
  });

  test("of what is not Argon2id fails like a wrong password", async () => {
    const passwords = passwordsOf(light);
    const argon2i = await argon2Hash(password, { type: 1, memoryCost: 64, timeCost: 1, parallelism: 1 });
    for (const stored of ["", "$argon2id$v=19$broken", "$2b$10$abcdefghijklmnopqrstuv", argon2i]) {
      await expect(passwords.verify(password, stored, request)).resolves.toEqual({
        matches: false,
        needsRehash: false,
      });
    }
  });

  test("of more than 1 KiB never matches", async () => {
    const passwords = passwordsOf(light);
    const long = "x".repeat(1_025);
    const stored = await passwords.hash(long, request);
    await expect(passwords.verify(long, stored, request)).resolves.toMatchObject({ matches: false });
  });
});

describe("a flood", () => {
  test("of one network fills its places and leaves the others theirs", async () => {
    const passwords = passwordsOf(light);
    const attempts = Array.from({ length: 10 }, (_, n) =>
      passwords.hash(password, { ip: `2001:db8::${n}`, hasDeviceToken: false }),
    );
    const other = passwords.hash(password, { ip: "2001:db8:0:1::1", hasDeviceToken: false });
    const results = await Promise.allSettled(attempts);
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(4);
    for (const result of refused) {
      expect(result).toMatchObject({ reason: { code: "TOO_MANY_REQUESTS", limiter: "hashing" } });
    }
    await expect(other).resolves.toMatch(/^\$argon2id/);
  });
});
