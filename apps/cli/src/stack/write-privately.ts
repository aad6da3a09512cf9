import { rename, writeFile } from "node:fs/promises";

/** JSON for the owner's eyes alone, written beside and renamed, so that no reader sees half of it. */
export async function writePrivately(path: string, content: object): Promise<void> {
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
