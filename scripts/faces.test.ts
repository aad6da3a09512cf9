import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const core = "packages/core/src";
const folders = readdirSync(join(root, core), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Per folder of core: what files outside of it import from it. */
const uses = new Map<string, Set<string>>(folders.map((folder) => [folder, new Set()]));

beforeAll(() => {
  const depcruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const output = execFileSync(
    process.execPath,
    [depcruise, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "packages", "apps", "examples", "e2e"],
    { cwd: root, maxBuffer: 256 * 1024 * 1024 },
  );
  const report = JSON.parse(output.toString()) as {
    modules: { source: string; dependencies: { resolved: string }[] }[];
  };
  for (const { source, dependencies } of report.modules) {
    if (source.endsWith(".test.ts")) continue;
    for (const { resolved } of dependencies) {
      const folder = new RegExp(`^${core}/([^/]+)/`).exec(resolved)?.[1];
      if (folder && !source.startsWith(`${core}/${folder}/`)) uses.get(folder)?.add(resolved);
    }
  }
});

test.each(folders)("core/%s is used through its index alone", (folder) => {
  expect([...(uses.get(folder) ?? [])]).toEqual([`${core}/${folder}/index.ts`]);
});
