import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { metadataOf, pages, pagesFor } from "./navigation.ts";

const routes = new URL("./app/(console)/", import.meta.url);

describe.each(pages)("$path", ({ path, title }) => {
  test("has a route, which takes its title from the table", async () => {
    const source = await readFile(new URL(`.${path}/page.tsx`.replace("//", "/"), routes), "utf8");

    expect(source).toContain(`metadataOf("${path}")`);
    expect(metadataOf(path)).toEqual({ title });
  });
});

test("every route without a parameter is in the table", async () => {
  const files = await readdir(fileURLToPath(routes), { recursive: true });
  const paths = files
    .filter((file) => /(^|\/)page\.tsx$/.test(file) && !file.includes("["))
    .map((file) => `/${file.replace(/\/?page\.tsx$/, "")}`);

  expect(paths.sort()).toEqual(pages.map(({ path }) => path).sort());
});

test("no two pages share an address, a title or a key", () => {
  for (const fact of ["path", "title", "key"] as const) {
    expect(new Set(pages.map((page) => page[fact])).size).toBe(pages.length);
  }
  expect(pages.every(({ key }) => /^[a-z]$/.test(key) && key !== "g")).toBe(true);
});

test("an admin is shown every page", () => {
  expect(pagesFor("admin")).toEqual(pages);
});
