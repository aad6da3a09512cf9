import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readBuildState, readCurrent } from "./current-build.ts";
import { type Building, ensureBuilt } from "./ensure-built.ts";

let root = "";
let notes: string[] = [];
/** Folders that were built into. */
let runs: string[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "echo-build-"));
  notes = [];
  runs = [];
});

afterEach(() => rm(root, { recursive: true, force: true }));

const hex = (digit: string): string => digit.repeat(16);

function building(fingerprint: string, run?: Building["run"]): Building {
  const write = async (distDir: string): Promise<void> => {
    runs.push(distDir);
    await mkdir(join(root, distDir), { recursive: true });
    await writeFile(join(root, distDir, "BUILD_ID"), fingerprint);
  };
  return { root, fingerprint, run: run ?? write, note: (line) => notes.push(line) };
}

const built = (fingerprint: string): Promise<string> => readFile(join(root, ".next", fingerprint, "BUILD_ID"), "utf8");

test("a console that was never built is built, with a line before and after", async () => {
  await ensureBuilt(building(hex("a")));

  expect(await readCurrent(root)).toBe(hex("a"));
  expect(await built(hex("a"))).toBe(hex("a"));
  expect(notes).toEqual(["Building the console, once.", expect.stringMatching(/^Built the console in \d+ s\.$/)]);
});

test("a fresh one is left alone without a word", async () => {
  await ensureBuilt(building(hex("a")));
  notes = [];

  await ensureBuilt(building(hex("a")));

  expect(runs).toHaveLength(1);
  expect(notes).toEqual([]);
});

test("changed sources make a new build, and the one before stays for who serves it", async () => {
  for (const fingerprint of [hex("a"), hex("b"), hex("c")]) await ensureBuilt(building(fingerprint));

  expect(await readCurrent(root)).toBe(hex("c"));
  expect((await readdir(join(root, ".next"))).sort()).toEqual([hex("b"), hex("c"), "current.json"]);
});

test("a build that fails says why and leaves the last one as it was", async () => {
  await ensureBuilt(building(hex("a")));
  const fail = async (distDir: string): Promise<void> => {
    await mkdir(join(root, distDir), { recursive: true });
    throw new Error("Module not found");
  };

  await expect(ensureBuilt(building(hex("b"), fail))).rejects.toThrow("Module not found");

  expect(await readCurrent(root)).toBe(hex("a"));
  expect(await built(hex("a"))).toBe(hex("a"));
  expect((await readdir(join(root, ".next"))).sort()).toEqual([hex("a"), "current.json"]);
});

test("of two at once the second waits, and builds nothing", async () => {
  let finish = (): void => undefined;
  const first = building(hex("a"));
  const slow = async (distDir: string): Promise<void> => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    await first.run(distDir);
  };

  const one = ensureBuilt({ ...first, run: slow });
  const two = ensureBuilt(building(hex("a")));
  await expect.poll(() => notes).toContain("Another process builds the console; waiting for it.");
  finish();
  await Promise.all([one, two]);

  expect(runs).toHaveLength(1);
});

test("a lock whose holder died is taken over", async () => {
  await mkdir(join(root, ".next"));
  // Above the largest pid that Linux gives.
  await writeFile(join(root, ".next/build.lock"), "4194305");

  await ensureBuilt(building(hex("a")));

  expect(await readCurrent(root)).toBe(hex("a"));
});

test("what a killed build left behind goes with the next one", async () => {
  await mkdir(join(root, ".next/building-4194305"), { recursive: true });

  await ensureBuilt(building(hex("a")));

  expect(await readdir(join(root, ".next"))).not.toContain("building-4194305");
});

test("half a build counts as none", async () => {
  await ensureBuilt(building(hex("a")));
  await rm(join(root, ".next", hex("a"), "BUILD_ID"));

  expect(await readCurrent(root)).toBeNull();
});

test("the state of the build is one word", async () => {
  expect(await readBuildState(hex("a"), root)).toBe("missing");

  await ensureBuilt(building(hex("a")));

  expect(await readBuildState(hex("a"), root)).toBe("fresh");
  expect(await readBuildState(hex("b"), root)).toBe("stale");
});
