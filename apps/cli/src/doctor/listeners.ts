import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { promisify } from "node:util";

/** Who listens on a port, as far as this user may see it. */
export interface Listener {
  pid: number | null;
  program: string | null;
}

/** Of this machine's TCP ports; empty where the system does not say. */
export type Listeners = ReadonlyMap<number, Listener>;

export const listListeners = (): Promise<Listeners> =>
  (process.platform === "linux" ? fromProc() : fromLsof()).catch(() => new Map());

/** The state of a socket that listens: proc_pid_net(5). */
const listening = "0A";

async function fromProc(): Promise<Listeners> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  const portOf = new Map<string, number>();
  for (const line of tables.flatMap((table) => table.split("\n").slice(1))) {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    if (state === listening) portOf.set(`socket:[${inode}]`, Number.parseInt(local.split(":")[1] ?? "", 16));
  }
  const found = new Map<number, Listener>([...portOf.values()].map((port) => [port, { pid: null, program: null }]));
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      for (const socket of await socketsOf(pid)) {
        const port = portOf.get(socket);
        if (port !== undefined) found.set(port, { pid: Number(pid), program: await programOf(pid) });
      }
    }),
  );
  return found;
}

/** Empty for a process that ended, or of another user. */
async function socketsOf(pid: string): Promise<string[]> {
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")));
  return targets.filter((target) => target.startsWith("socket:"));
}

/** Its name alone: arguments may hold secrets. */
async function programOf(pid: string): Promise<string | null> {
  return (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() || null;
}

/** macOS. Lines are `p<pid>`, `c<command>`, `n<address>:<port>`: lsof(8), "output for other programs". */
async function fromLsof(): Promise<Listeners> {
  const { stdout } = await promisify(execFile)("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN", "-Fpcn"], { timeout: 5_000 });
  const found = new Map<number, Listener>();
  let present: Listener = { pid: null, program: null };
  for (const line of stdout.split("\n")) {
    const word = line.slice(1);
    if (line.startsWith("p")) present = { pid: Number(word), program: null };
    if (line.startsWith("c")) present = { ...present, program: word };
    if (line.startsWith("n")) found.set(Number(word.split(":").at(-1)), present);
  }
  return found;
}
