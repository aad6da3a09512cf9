import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeWithRedisServer } from "@echo/testing/redis";
import { expect, test, vi } from "vitest";
import { createTestHome } from "../test-echoctl.ts";

const log = fileURLToPath(new URL("./fixtures/short.raw.txt", import.meta.url));

/** The names of the programs that work below a folder: both stores do. */
async function programsBelow(folder: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const names = pids.map(async (pid) => {
    const place = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    return place.startsWith(folder) ? (await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")).trim() : "";
  });
  return (await Promise.all(names)).filter((name) => name !== "");
}

describeWithRedisServer("a replay on a stack of its own", () => {
  test.skipIf(!existsSync("/proc/self/cwd"))("leaves nothing behind at Ctrl-C", { timeout: 60_000 }, async () => {
    await using home = await createTestHome();
    const folder = join(home.home, "scratch");
    await mkdir(folder, { mode: 0o755 });
    const { child, ended } = home.spawn(["replay", log, "--services", "--speed", "1"], { TMPDIR: folder });
    await vi.waitFor(
      async () => expect(await programsBelow(folder)).toEqual(expect.arrayContaining(["redis-server", "postgres"])),
      { timeout: 30_000, interval: 20 },
    );

    child.kill("SIGINT");

    expect(await ended).toMatchObject({ code: 1, stderr: expect.stringContaining("Stopped before its end.") });
    expect(await programsBelow(folder)).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith("echo-"))).toEqual([]);
  });
});
