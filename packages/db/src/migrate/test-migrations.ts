import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of migrations, gone with the test. */
export async function migrationsOf(scripts: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), "echo-migrations-"));
  const write = async (name: string, script: string): Promise<void> => {
    await mkdir(join(dir, name), { recursive: true });
    await writeFile(join(dir, name, "migration.sql"), script);
  };
  for (const [name, script] of Object.entries(scripts)) await write(name, script);
  return { dir, write, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) };
}
