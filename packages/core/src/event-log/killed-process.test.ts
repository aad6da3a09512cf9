import { spawn } from "node:child_process";
import { once } from "node:events";
import { createTestDatabase } from "@echo/testing/database";
import { programArgs } from "@echo/testing/program";
import { expect, test, vi } from "vitest";
import { makeStreams, openLog, readAll } from "./test-log.ts";

const from = (specifier: string) => JSON.stringify(import.meta.resolve(specifier));
const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** A process that commits an event, does what is given, and is killed with -9 at once. */
async function commitAndDie({ url, streamId, last }: { url: string; streamId: string; last: string }): Promise<void> {
  const program = `
    import { createDb } from ${from("@echo/db")};
    import { commit, muted, openLog } from ${here("./test-log.ts")};
    const db = createDb({ url: ${JSON.stringify(url)} });
    const { log } = await openLog(db, { wrapBus: muted });
    await commit(db, ${JSON.stringify(streamId)});
    ${last}
    process.kill(process.pid, "SIGKILL");`;
  const child = spawn(process.execPath, programArgs(program), { stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

test.each([
  { point: "between commit and append", last: "" },
  { point: "between append and announcement", last: "await log.appendNow();" },
])("an event whose process is killed $point reaches another process within 2 s", async ({ last }) => {
  await using database = await createTestDatabase();
  const { db, url } = database;
  await using survivor = await openLog(db);
  const [streamId = ""] = await makeStreams(db, 1);
  const heard: number[] = [];
  survivor.log.onAdvance(({ position }) => heard.push(position));

  await commitAndDie({ url, streamId, last });
  await vi.waitUntil(() => heard.length > 0, { timeout: 2_000 });

  expect(heard).toEqual([1]);
  expect(await readAll(survivor.log)).toMatchObject([{ position: 1, streamId, eventSeq: 1 }]);
});
