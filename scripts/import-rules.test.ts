import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const config = createRequire(import.meta.url)("../.dependency-cruiser.cjs") as { forbidden: { name: string }[] };

interface Fault {
  file: string;
  source: string;
}

/** Targets of the planted imports, and imports that are fine: none of them may be reported. */
const fine: Fault[] = [
  { file: "packages/contracts/src/index.ts", source: 'import "zod";\nexport const contract = 1;' },
  { file: "packages/db/src/index.ts", source: 'import "pg";\nexport const db = 1;\nexport interface Db { a: 1 }' },
  {
    file: "packages/platform/src/index.ts",
    source: 'import "@echo/db";\nimport "ioredis";\nexport const platform = 1;',
  },
  {
    file: "packages/client/src/index.ts",
    source: 'import type { Router } from "@echo/api";\nexport const c: Router | 1 = 1;',
  },
  { file: "packages/testing/src/index.ts", source: "export const testing = 1;" },
  { file: "packages/core/src/index.ts", source: "export const core = 1;" },
  {
    file: "packages/core/src/core.ts",
    source: 'import type { face } from "./users/index.ts";\nexport type C = typeof face;',
  },
  { file: "apps/api/src/index.ts", source: "export const api = 1;\nexport interface Router { a: 1 }" },
  { file: "apps/cli/src/main.ts", source: 'import "@echo/db";\nexport const cli = 1;' },
];
const floors = [
  ["event-log"],
  ["users", "location"],
  ["auth", "membership"],
  ["messages"],
  ["conversations"],
  ["sync"],
  ["presence", "media"],
  ["notifications", "analytics"],
  ["staff"],
  ["admin"],
];
for (const slice of floors.flat()) {
  fine.push({ file: `packages/core/src/${slice}/index.ts`, source: "export const face = 1;" });
  fine.push({
    file: `packages/core/src/${slice}/repository.ts`,
    source: 'import "@echo/db";\nexport const inside = 1;',
  });
}

/** One fault a rule. */
const faults: Record<string, Fault> = {
  "no-cycles": { file: "packages/platform/src/a.ts", source: 'import "./b.ts";\nexport const a = 1;' },
  "no-dead-imports": { file: "packages/platform/src/dead.ts", source: 'import "./nowhere.ts";' },
  "contracts-import-only-zod": { file: "packages/contracts/src/bad.ts", source: 'import "ws";' },
  "db-is-ground": { file: "packages/db/src/bad.ts", source: 'import "@echo/platform";' },
  "platform-knows-no-domain": { file: "packages/platform/src/bad.ts", source: 'import "@echo/core";' },
  "core-knows-no-transport": { file: "packages/core/src/users/bad.ts", source: 'import "ws";' },
  "only-repositories-touch-the-database": { file: "packages/core/src/users/verb.ts", source: 'import "@echo/db";' },
  "slices-meet-at-index": { file: "packages/core/src/auth/bad.ts", source: 'import "../users/repository.ts";' },
  "apps-see-only-faces": {
    file: "apps/api/src/bad.ts",
    source: 'import "../../../packages/core/src/users/repository.ts";',
  },
  "apps-share-only-types": { file: "apps/realtime/src/bad.ts", source: 'import "@echo/api";' },
  "core-wires-nothing": { file: "packages/core/src/ports.ts", source: 'import "./users/index.ts";' },
  "client-imports-types-alone": { file: "packages/client/src/contract.ts", source: 'import "@echo/contracts";' },
  "client-is-portable": { file: "packages/client/src/bad.ts", source: 'import "node:fs";' },
  "the-console-asks-the-api": { file: "apps/admin/src/features/core.ts", source: 'import "@echo/core";' },
  "console-pages-are-portable": { file: "apps/admin/src/features/node.ts", source: 'import "@echo/platform";' },
  "examples-use-the-sdk-alone": { file: "examples/chat/src/bad.ts", source: 'import "@echo/contracts";' },
  "testing-only-from-tests": { file: "apps/api/src/tested.ts", source: 'import "@echo/testing";' },
  "redis-lives-in-platform": { file: "packages/core/src/users/redis.ts", source: 'import "ioredis";' },
  "kafka-lives-in-one-folder": { file: "packages/platform/src/queue/kafka.ts", source: 'import "kafkajs";' },
  "pg-lives-in-db": { file: "packages/core/src/users/pg.ts", source: 'import "pg";' },
};
floors.forEach((slices, floor) => {
  for (const slice of slices) {
    const above = floors
      .slice(floor)
      .flat()
      .find((other) => other !== slice);
    // The highest slice has nothing above it: its rule can't be broken until a floor is added.
    if (above)
      faults[`${slice}-looks-down`] = {
        file: `packages/core/src/${slice}/up.ts`,
        source: `import "../${above}/index.ts";`,
      };
  }
});

let tree = "";
let violations: { rule: string; from: string }[] = [];

function plant({ file, source }: Fault): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), `${source}\nexport {};\n`);
}

/** Packages as npm lays them out: workspaces are links, others have an entry file. */
function plantPackages(): void {
  for (const name of ["contracts", "db", "platform", "core", "client", "testing", "api", "realtime", "cli"]) {
    const folder = ["api", "realtime", "cli"].includes(name) ? `apps/${name}` : `packages/${name}`;
    const manifest = { name: `@echo/${name}`, type: "module", exports: { ".": "./src/index.ts" } };
    plant({ file: `${folder}/src/placeholder.ts`, source: "" });
    writeFileSync(join(tree, folder, "package.json"), JSON.stringify(manifest));
    mkdirSync(join(tree, "node_modules/@echo"), { recursive: true });
    symlinkSync(join(tree, folder), join(tree, "node_modules/@echo", name));
  }
  for (const name of ["zod", "ws", "pg", "ioredis", "kafkajs"]) {
    plant({ file: `node_modules/${name}/index.js`, source: "" });
    writeFileSync(
      join(tree, `node_modules/${name}/package.json`),
      JSON.stringify({ name, version: "1.0.0", main: "index.js" }),
    );
  }
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "echo-rules-"));
  plantPackages();
  for (const each of [...fine, ...Object.values(faults)]) plant(each);
  plant({ file: "packages/platform/src/b.ts", source: 'import "./a.ts";' });
  cpSync(join(root, ".dependency-cruiser.cjs"), join(tree, ".dependency-cruiser.cjs"));
  writeFileSync(
    join(tree, "tsconfig.json"),
    JSON.stringify({ compilerOptions: { module: "esnext", moduleResolution: "bundler" } }),
  );
  writeFileSync(join(tree, "package.json"), JSON.stringify({ name: "planted", type: "module" }));
  const depcruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const output = execFileSync(
    process.execPath,
    [depcruise, "--config", ".dependency-cruiser.cjs", "--output-type", "json", "packages", "apps", "examples"],
    { cwd: tree, maxBuffer: 64 * 1024 * 1024 },
  );
  const report = JSON.parse(output.toString()) as {
    summary: { violations: { rule: { name: string }; from: string }[] };
  };
  violations = report.summary.violations.map((each) => ({ rule: each.rule.name, from: each.from }));
});

afterAll(() => rmSync(tree, { recursive: true, force: true }));

test("every import rule has its planted fault", () => {
  const names = config.forbidden.map((rule) => rule.name);
  expect(names.filter((name) => !(name in faults))).toEqual(["admin-looks-down"]);
});

test.each(Object.entries(faults))("%s is caught", (rule, fault) => {
  expect(violations).toContainEqual({ rule, from: fault.file });
});

test("imports that are fine are not reported", () => {
  const files = new Set(fine.map((each) => each.file));
  expect(violations.filter((each) => files.has(each.from))).toEqual([]);
});
