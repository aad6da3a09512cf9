import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";

const folder = new URL("../examples/chat/src/", import.meta.url);

test("the chat is below 250 lines: what it does beyond them is the SDK's", async () => {
  const names = (await readdir(folder)).filter((name) => /\.tsx?$/.test(name));
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, folder), "utf8")));
  const lines = sources.flatMap((source) => source.split("\n")).filter((line) => line.trim() !== "");

  expect(names).toContain("main.tsx");
  expect(lines.length).toBeLessThan(250);
});
