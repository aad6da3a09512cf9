import { refusal, startEcho } from "@echo/testing";
import { describe, expect, test } from "vitest";

const nobody = "01930000-0000-7000-8000-000000000000";

describe("users.profile.upsert", () => {
  test("changes what is given and keeps the rest", async () => {
    await using echo = await startEcho();
    const { userId, username } = await echo.user("ada");

    const profile = await echo
      .as("ada")
      .users.profile.upsert.mutate({ bio: "counts", avatarUrl: "https://a.example/a" });

    const expected = {
      userId,
      username,
      displayName: "ada",
      bio: "counts",
      avatarUrl: "https://a.example/a",
      status: "",
    };
    expect(profile).toEqual(expected);
    expect(await echo.as("ada").users.profile.me.query()).toEqual(expected);
    expect(await echo.as("bob").users.profile.get.query({ userId })).toEqual(expected);
  });

  test("a username is one person's, whatever its case", async () => {
    await using echo = await startEcho();
    const { username } = await echo.user("ada");

    const taken = echo.as("bob").users.profile.upsert.mutate({ username: username.toUpperCase() });

    await expect(taken).rejects.toEqual(refusal("CONFLICT"));
  });

  test("of 8 people who want one username at once one gets it", async () => {
    await using echo = await startEcho();
    const username = `n_${crypto.randomUUID().slice(0, 8)}`;

    const wishes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => echo.as(`p${n}`).users.profile.upsert.mutate({ username })),
    );

    expect(wishes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const wish of wishes) if (wish.status === "rejected") expect(wish.reason).toEqual(refusal("CONFLICT"));
  });

  test.each([
    ["a username with a space", { username: "a b c" }],
    ["a long display name", { displayName: "x".repeat(101) }],
    ["an avatar that is a script", { avatarUrl: "javascript:alert(1)" }],
    ["a lone surrogate", { bio: "\ud800" }],
  ])("refuses %s", async (_what, input) => {
    await using echo = await startEcho();

    await expect(echo.as("ada").users.profile.upsert.mutate(input)).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});

describe("users.profile.get", () => {
  test("of nobody is NOT_FOUND", async () => {
    await using echo = await startEcho();

    await expect(echo.as("ada").users.profile.get.query({ userId: nobody })).rejects.toEqual(refusal("NOT_FOUND"));
  });

  test("refuses an id that is none", async () => {
    await using echo = await startEcho();

    await expect(echo.as("ada").users.profile.get.query({ userId: "ada" })).rejects.toEqual(refusal("BAD_REQUEST"));
  });
});
