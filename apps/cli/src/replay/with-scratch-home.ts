import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeEmbedded } from "@echo/db";
import { homeMode } from "../stack/make-home.ts";

/** A folder of one run, and everything in it gone afterwards. */
export async function withScratchHome<T>(work: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), "echo-replay-"));
  await chmod(home, homeMode);
  try {
    return await work(home);
  } finally {
    await removeEmbedded({ home });
    await rm(home, { recursive: true, force: true });
  }
}
