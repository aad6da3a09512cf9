import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fingerprintOf } from "./fingerprint.ts";

const tree = {
  "tsconfig.base.json": "{}",
  "apps/admin/next.config.ts": "",
  "apps/admin/postcss.config.mjs": "",
  "apps/admin/tsconfig.json": "{}",
  "apps/admin/package.json": "{}",
  "apps/admin/src/app/page.tsx": "page",
  "apps/admin/src/app/page.test.ts": "test",
  "apps/admin/src/server/server.ts": "server",
  "packages/contracts/package.json": "{}",
  "packages/contracts/src/index.ts": "contracts",
  "package-lock.json": JSON.stringify({
    packages: { "": {}, "node_modules/next": { version: "16.4.5", license: "MIT" } },
  }),
};

let root = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "echo-fingerprint-"));
  for (const [path, text] of Object.entries(tree)) await write(path, text);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

test("the same sources have the same fingerprint, wherever and whenever they were written", async () => {
  const before = await fingerprintOf(root);
  await using elsewhere = await copyOf(root);
  await utimes(join(root, "apps/admin/src/app/page.tsx"), 0, 0);

  expect(before).toMatch(/^[0-9a-f]{16}$/);
  expect(await fingerprintOf(root)).toBe(before);
  expect(await fingerprintOf(elsewhere.root)).toBe(before);
});

test.each([
  ["a page that changed", "apps/admin/src/app/page.tsx", "other"],
  ["a page that came", "apps/admin/src/app/users/page.tsx", "page"],
  ["a contract", "packages/contracts/src/index.ts", "other"],
  ["a setting of the build", "apps/admin/next.config.ts", "other"],
  [
    "a version of what is installed",
    "package-lock.json",
    JSON.stringify({ packages: { "node_modules/next": { version: "16.4.6" } } }),
  ],
])("%s makes another one", async (_what, path, text) => {
  const before = await fingerprintOf(root);
  await write(path, text);

  expect(await fingerprintOf(root)).not.toBe(before);
});

test.each([
  ["tests", "apps/admin/src/app/page.test.ts", "other"],
  ["the server, which runs from its sources", "apps/admin/src/server/server.ts", "other"],
  ["the API", "apps/api/src/main.ts", "other"],
  [
    "facts of the lock file beside the versions",
    "package-lock.json",
    JSON.stringify({ packages: { "": { name: "echo" }, "node_modules/next": { version: "16.4.5" } } }),
  ],
])("%s make no other one", async (_what, path, text) => {
  const before = await fingerprintOf(root);
  await write(path, text);

  expect(await fingerprintOf(root)).toBe(before);
});

async function copyOf(folder: string): Promise<AsyncDisposable & { root: string }> {
  const copy = await mkdtemp(join(tmpdir(), "echo-fingerprint-"));
  await cp(folder, copy, { recursive: true });
  return { root: copy, [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }) };
}
