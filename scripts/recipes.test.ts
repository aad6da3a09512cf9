import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { copyTree, type TreeCopy } from "./copy-tree.ts";

const timeoutMs = 300_000;
const page = fileURLToPath(new URL("../CONTRIBUTING.md", import.meta.url));

interface Block {
  language: string;
  /** Of a file that is given whole. */
  file: string | undefined;
  body: string;
}

const blocksOf = (text: string): Block[] =>
  [...text.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(([, language = "", file, body = ""]) => ({
    language,
    file,
    body,
  }));

const text = await readFile(page, "utf8");
const recipes = text
  .split(/^### /m)
  .slice(1)
  .map((section) => ({ title: section.split("\n", 1)[0] ?? "", blocks: blocksOf(section) }));

let copy: TreeCopy;
beforeAll(async () => {
  copy = await copyTree("recipes");
}, timeoutMs);
afterAll(() => copy?.[Symbol.asyncDispose]());

/** Puts a block where the page says. @throws what git says of a change that does not fit any more */
async function follow({ language, file, body }: Block): Promise<void> {
  if (file !== undefined) {
    await mkdir(dirname(join(copy.root, file)), { recursive: true });
    await writeFile(join(copy.root, file), body);
  } else if (language === "diff") {
    execFileSync("git", ["apply", "-"], { cwd: copy.root, input: body, env: withoutRepository });
  }
}

/** The copy is no repository, and none above it counts. */
const withoutRepository = { PATH: process.env.PATH, NODE_ENV: "test" as const, GIT_CEILING_DIRECTORIES: "/" };

function run(program: string, words: readonly string[]): void {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "test" as const };
  try {
    execFileSync(program, words, { cwd: copy.root, env, stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    throw new Error(`${program} ${words.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}

test("these are the recipes", () => {
  const titles = ["Add a table", "Add a procedure", "Add an event", "Add a page"];
  expect(recipes.map(({ title }) => title)).toEqual(titles);
});

describe("followed literally, one after the other in a copy of the tree", () => {
  for (const { title, blocks } of recipes) {
    const commands = blocks.filter(({ language }) => language === "sh").flatMap(({ body }) => body.trim().split("\n"));
    test(`${title}: every file and change fits, and its commands pass`, { timeout: timeoutMs }, async () => {
      expect(blocks.length).toBeGreaterThan(2);
      expect(commands.length).toBeGreaterThan(0);
      for (const block of blocks) await follow(block);
      for (const command of commands) {
        const [program = "", ...words] = command.split(" ");
        run(program, words);
      }
    });
  }

  // What `npm run check` asks; of the linter as far as the recipes go.
  test.each([
    ["linter", ["npx", "biome", "check", "--files-ignore-unknown=true", ...touchedFiles()]],
    ["types", ["npm", "run", "typecheck"]],
    ["types of the console", ["npm", "run", "typecheck:console"]],
    ["import rules", ["npm", "run", "rules"]],
    ["unused code", ["npm", "run", "unused"]],
  ])("%s: nothing to say of what was added", { timeout: timeoutMs }, (_check, [program = "", ...words]) => {
    run(program, words);
  });
});

function touchedFiles(): string[] {
  const blocks = recipes.flatMap((recipe) => recipe.blocks);
  const changed = blocks.flatMap(({ body }) =>
    Array.from(body.matchAll(/^\+\+\+ b\/(.+)$/gm), ([, file = ""]) => file),
  );
  return [...new Set([...blocks.flatMap(({ file }) => file ?? []), ...changed])];
}
