import { execFile } from "node:child_process";
import { chown, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fastestFolder } from "./fastest-folder.ts";

/** What PostgreSQL and pgbouncer run as: not root, which both refuse. */
export type ServerAccount = { uid: number; gid: number } | Record<string, never>;

/** As root: user postgres, who comes with Debian's packages. Else this process's own. */
export async function findServerAccount(): Promise<ServerAccount> {
  if (process.getuid?.() !== 0) return {};
  const idOf = async (flag: string) => Number((await promisify(execFile)("id", [flag, "postgres"])).stdout);
  return { uid: await idOf("-u"), gid: await idOf("-g") };
}

/** A folder that the account owns. */
export async function makeServerFolder(prefix: string, { uid, gid }: ServerAccount): Promise<string> {
  const folder = await mkdtemp(join(await fastestFolder(), prefix));
  if (uid !== undefined && gid !== undefined) await chown(folder, uid, gid);
  return folder;
}
