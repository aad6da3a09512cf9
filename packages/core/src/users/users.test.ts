import { Profile, type UpsertProfileInput } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Core } from "../core.ts";
import { createTestCore, eventsOf } from "../test-core.ts";
import { findProfiles, findUserIds, getProfile, myProfile, readProfiles, upsertProfile } from "./index.ts";
import { insertProfile } from "./insert-profile.ts";

const full: UpsertProfileInput = {
  username: "Ada_L",
  displayName: "Ada Lovelace",
  bio: "Wrote the first program",
  avatarUrl: "https://example.test/ada.png",
  status: "computing",
};

describe("upsert", () => {
  test("changes what is given, leaves the rest, and tells the person's own stream", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const { ada } = await test.people("ada");

    const profile = await upsertProfile(test.core, ada, full);
    expect(Profile.parse(profile)).toEqual({ userId: ada.userId, ...full });
    const changed = await upsertProfile(test.core, ada, { bio: "", avatarUrl: null });

    expect(changed).toEqual({ ...profile, bio: "", avatarUrl: null });
    await expect(getProfile(test.core, ada, { userId: ada.userId })).resolves.toEqual(changed);
    await expect(myProfile(test.core, ada)).resolves.toEqual(changed);
    const event = { type: "user.updated", actorId: ada.userId, refId: ada.userId, data: null };
    expect(await eventsOf(test.core, ada.userId)).toEqual([
      { eventSeq: 1, ...event },
      { eventSeq: 2, ...event },
    ]);
  });

  test("that changes nothing, or is repeated, tells nobody", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const { ada } = await test.people("ada");
    const first = await upsertProfile(test.core, ada, full);

    await expect(upsertProfile(test.core, ada, full)).resolves.toEqual(first);
    await expect(upsertProfile(test.core, ada, {})).resolves.toEqual(first);
    expect(await eventsOf(test.core, ada.userId)).toHaveLength(1);
  });

  test("with a username that somebody has, in any case: CONFLICT, and nothing changes", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const { ada, bob } = await test.people("ada", "bob");
    await upsertProfile(test.core, ada, full);
    const before = await myProfile(test.core, bob);

    const taken = upsertProfile(test.core, bob, { username: "ADA_l", bio: "not me" });
    await expect(taken).rejects.toMatchObject({ code: "CONFLICT" });
    expect((await readProfiles(test.core.db, [bob.userId])).get(bob.userId)).toEqual(before);
    expect(await eventsOf(test.core, bob.userId)).toEqual([]);
    await expect(upsertProfile(test.core, ada, { username: "ADA_l" })).resolves.toMatchObject({ username: "ADA_l" });
  });

  test("of one username by eight at once gives it to one", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const people = Object.values(await test.people("a", "b", "c", "d", "e", "f", "g", "h"));

    const results = await Promise.allSettled(
      people.map((person) => upsertProfile(test.core, person, { username: "wanted" })),
    );
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    expect(refused).toEqual(Array.from({ length: 7 }, () => "CONFLICT"));
  });

  test("at once on two devices keeps both changes", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const { ada } = await test.people("ada");
    await Promise.all([
      upsertProfile(test.core, ada, { bio: "from the laptop" }),
      upsertProfile(test.core, test.otherDevice(ada), { status: "from the phone" }),
    ]);
    await expect(myProfile(test.core, ada)).resolves.toMatchObject({
      bio: "from the laptop",
      status: "from the phone",
    });
    expect(await eventsOf(test.core, ada.userId)).toHaveLength(2);
  });
});

test("nobody's profile is NOT_FOUND", async () => {
  await using database = await createTestDatabase();
  await using test = await createTestCore(database.url);
  const { ada } = await test.people("ada");
  const nobody = getProfile(test.core, ada, { userId: test.core.ids.uuid() });
  await expect(nobody).rejects.toMatchObject({ code: "NOT_FOUND" });
});

describe("what other slices ask", () => {
  test("profiles by id: each once, of those who exist", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const { ada, bob } = await test.people("ada", "bob");
    const profiles = await findProfiles(test.core, [ada.userId, test.core.ids.uuid(), bob.userId, ada.userId]);
    expect([...profiles.keys()].sort()).toEqual([ada.userId, bob.userId].sort());
    await expect(findProfiles(test.core, [])).resolves.toEqual(new Map());
  });

  test("ids by username, without case, in the order asked", async () => {
    await using database = await createTestDatabase();
    await using test = await createTestCore(database.url);
    const { ada, bob } = await test.people("ada", "bob");
    await upsertProfile(test.core, ada, { username: "Ada_L" });
    await upsertProfile(test.core, bob, { username: "bob" });
    const ids = await findUserIds(test.core, ["BOB", "nobody", "ada_l", "bob"]);
    expect(ids).toEqual([bob.userId, null, ada.userId, bob.userId]);
    await expect(findUserIds(test.core, [])).resolves.toEqual([]);
  });
});

describe("what is kept of a profile", () => {
  const isKept = async (core: Core, userId: string) =>
    (await core.cache.space("profile", z.unknown()).get(userId)) !== null;

  test("is forgotten by every process when it changes", async () => {
    await using database = await createTestDatabase();
    await using here = await createTestCore(database.url);
    await using there = await createTestCore(database.url);
    const { ada } = await here.people("ada");
    await expect
      .poll(async () => {
        await findProfiles(there.core, [ada.userId]);
        return isKept(there.core, ada.userId);
      })
      .toBe(true);

    await upsertProfile(here.core, ada, { bio: "changed" });

    await expect(myProfile(here.core, ada)).resolves.toMatchObject({ bio: "changed" });
    await expect.poll(() => myProfile(there.core, ada)).toMatchObject({ bio: "changed" });
  });
});

test("a new profile takes another username when the first ones are taken", async () => {
  await using database = await createTestDatabase();
  await using test = await createTestCore(database.url);
  const { ada, bob } = await test.people("ada", "bob");
  await upsertProfile(test.core, bob, { username: "taken" });
  await database.db.prisma.profile.deleteMany({ where: { userId: ada.userId } });
  const generated = ["taken", "TAKEN", "free"];

  const profile = await database.db.transaction((tx) =>
    insertProfile(tx, { userId: ada.userId, displayName: "Ada" }, () => generated.shift() ?? ""),
  );
  expect(profile).toMatchObject({ userId: ada.userId, username: "free", displayName: "Ada" });
});
