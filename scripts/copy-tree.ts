import { chmod, cp, mkdir, mkdtemp, readdir, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What a checkout does not have, or what is linked instead. */
const leftOut = new Set(["node_modules", ".git", ".echo", ".turbo", ".next", "coverage", "dist", "test-results"]);

/** Beside the packages: their programs, and npm's note of what is installed. */
const linkedToo = new Set([".bin", ".package-lock.json"]);

export interface TreeCopy extends AsyncDisposable {
  /** Where its package.json is. */
  root: string;
}

/** A copy of this tree that can be edited and run: its files, the generated client too, and the installed packages as links. */
export async function copyTree(name: string): Promise<TreeCopy> {
  // Passable: PostgreSQL runs as another user where we are root.
  const copy = await mkdtemp(join(tmpdir(), `echo-${name}-`));
  await chmod(copy, 0o755);
  await cp(root, copy, { recursive: true, filter: (path) => !leftOut.has(basename(path)) });
  for (const folder of await foldersWithPackages()) await linkPackages(folder, copy);
  return {
    root: copy,
    [Symbol.asyncDispose]: () => rm(copy, { recursive: true, force: true }),
  };
}

async function foldersWithPackages(): Promise<string[]> {
  const workspaces = await Promise.all(
    ["packages", "apps", "examples"].map(async (folder) =>
      (await readdir(join(root, folder))).map((each) => join(root, folder, each)),
    ),
  );
  return [root, join(root, "e2e"), ...workspaces.flat()];
}

/** Each package by a link of its own, so that those of the workspaces are the copy's. */
async function linkPackages(folder: string, copy: string): Promise<void> {
  const from = join(folder, "node_modules");
  const to = join(copy, relative(root, from));
  const names = (await readdir(from).catch(() => [])).filter((name) => !name.startsWith(".") || linkedToo.has(name));
  if (names.length === 0) return;
  await mkdir(to, { recursive: true });
  for (const name of names.filter((each) => each !== "@echo")) await symlink(join(from, name), join(to, name));
  if (!names.includes("@echo")) return;
  await mkdir(join(to, "@echo"));
  for (const name of await readdir(join(from, "@echo"))) {
    const link = join("@echo", name);
    await symlink(await readlink(join(from, link)), join(to, link));
  }
}
