import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { fastestFolder } from "@echo/testing/database";
import { pack as createPack, extract, type Headers } from "tar-stream";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createDb } from "../create-db.ts";
import { statement } from "../db.ts";
import { migrate } from "../migrate/migrate.ts";
import { backupEmbedded } from "./backup-embedded.ts";
import { findPlacement } from "./placement.ts";
import { removeEmbedded } from "./remove-embedded.ts";
import { restoreEmbedded } from "./restore-embedded.ts";
import { startEmbedded } from "./start-embedded.ts";

vi.setConfig({ testTimeout: 120_000 });

const head = statement<{ epoch: string; position: number }>(
  "test_head",
  "SELECT epoch, position FROM messages.log_head",
);
const epochs = statement<{ epoch: string; first_position: number; reason: string }>(
  "test_epochs",
  "SELECT epoch, first_position, reason FROM messages.log_epochs ORDER BY created_at",
);
const moveOn = statement("test_move_on", "UPDATE messages.log_head SET position = 7");

let folder: string;
let source: string;
let backup: string;
/** What the source's log said when it was stopped. */
let before: { epoch: string; position: number } | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(await fastestFolder(), "echo-archive-"));
  source = join(folder, "source");
  backup = join(folder, "backup.tar.gz");
  const postgres = await startEmbedded({ home: source, durable: false });
  await migrate({ url: postgres.url });
  const db = createDb({ url: postgres.url });
  await db.query(moveOn);
  [before] = await db.query(head);
  await db.close();
  await writeFile(join(source, "secret"), "the secret\n", { mode: 0o600 });
  await expect(backupEmbedded({ home: source, file: backup })).rejects.toThrow("is running");
  await postgres.stop();
  await backupEmbedded({ home: source, file: backup });
});

afterAll(async () => {
  await removeEmbedded({ home: source });
  await rm(folder, { recursive: true, force: true });
});

/** A home of one test, without a database. */
async function emptyHome() {
  const home = await mkdtemp(join(folder, "home-"));
  return { home, [Symbol.asyncDispose]: () => removeEmbedded({ home }) };
}

test("an archive is for its owner alone, overwrites nothing, and leaves no part of itself when it fails", async () => {
  expect((await stat(backup)).mode & 0o777).toBe(0o600);

  await expect(backupEmbedded({ home: source, file: backup })).rejects.toThrow("exists already");
  await expect(backupEmbedded({ home: source, file: join(folder, "no/such/folder") })).rejects.toThrow(
    "could not be written",
  );
  expect(existsSync(`${backup}.unfinished`)).toBe(false);
});

test("a folder without a database has nothing to back up", async () => {
  await using target = await emptyHome();

  await expect(backupEmbedded({ home: target.home, file: join(folder, "none") })).rejects.toThrow("has no database");
});

test("a restored database has what the old one had, its secret, and a new epoch before anybody can read the log", async () => {
  await using target = await emptyHome();
  await restoreEmbedded({ home: target.home, file: backup });
  expect(await readFile(join(target.home, "secret"), "utf8")).toBe("the secret\n");

  const postgres = await startEmbedded({ home: target.home, durable: false });
  const db = createDb({ url: postgres.url });
  const [after] = await db.query(head);
  const told = await db.query(epochs);
  await db.close();
  await postgres.stop();

  expect(after).toEqual({ epoch: expect.stringMatching(/^[0-9a-f]{8}$/), position: 7 });
  expect(after?.epoch).not.toBe(before?.epoch);
  expect(told).toEqual([
    { epoch: before?.epoch, first_position: 0, reason: "created" },
    { epoch: after?.epoch, first_position: 7, reason: "restored" },
  ]);
});

test("only the first start after a restore begins an epoch", async () => {
  await using target = await emptyHome();
  await restoreEmbedded({ home: target.home, file: backup });
  const seen: (string | undefined)[] = [];
  for (let start = 1; start <= 2; start++) {
    const postgres = await startEmbedded({ home: target.home, durable: false });
    const db = createDb({ url: postgres.url });
    seen.push((await db.query(head))[0]?.epoch);
    await db.close();
    await postgres.stop();
  }

  expect(seen[0]).toBe(seen[1]);
});

test("a folder that has a database keeps it", async () => {
  await expect(restoreEmbedded({ home: source, file: backup })).rejects.toThrow("has a database already");
});

test("a damaged, missing or foreign archive is one clear sentence and leaves the folder without a database", async () => {
  await using target = await emptyHome();
  const { home } = target;
  const cut = join(folder, "cut.tar.gz");
  await pipeline(createReadStream(backup), createWriteStream(cut));
  await truncate(cut, Math.floor((await stat(cut)).size / 2));
  const text = join(folder, "text.tar.gz");
  await writeFile(text, "no archive");

  await expect(restoreEmbedded({ home, file: cut })).rejects.toThrow(/cut.tar.gz cannot be restored: it is cut off/);
  await expect(restoreEmbedded({ home, file: text })).rejects.toThrow("it is cut off, damaged or no backup");
  await expect(restoreEmbedded({ home, file: join(folder, "none") })).rejects.toThrow("there is no such file");
  await expect(restoreEmbedded({ home, file: await forge([]) })).rejects.toThrow("is no backup of Echo's");
  await expect(restoreEmbedded({ home, file: await forge([manifest(15)]) })).rejects.toThrow(
    "was made with PostgreSQL 15 and this Echo brings PostgreSQL 18",
  );

  const { dataDir, clusterDir } = await findPlacement(home);
  expect(existsSync(dataDir)).toBe(false);
  expect(existsSync(join(clusterDir, `data.new-${process.pid}`))).toBe(false);
  expect(existsSync(join(home, "secret"))).toBe(false);
});

test.each([
  { name: "data/../../outside" },
  { name: "../outside" },
  { name: "/outside" },
  { name: "home/other" },
  { name: "home/../outside" },
  { name: "data/link", type: "symlink", linkname: "/etc/passwd" } as const,
  { name: "data/link", type: "link", linkname: "/etc/passwd" } as const,
])("an archive that reaches outside is refused: $name", async (hostile) => {
  await using target = await emptyHome();

  const restoring = restoreEmbedded({ home: target.home, file: await forge([manifest(18), [hostile, ""]]) });

  await expect(restoring).rejects.toThrow("is no backup of Echo's");
  expect(existsSync(join(folder, "outside"))).toBe(false);
});

test("an archive lists the cluster without its pid file", async () => {
  const names: string[] = [];
  const entries = extract();
  const reading = pipeline(createReadStream(backup), createGunzip(), entries);
  for await (const entry of entries) {
    names.push(entry.header.name);
    entry.resume();
  }
  await reading;

  expect(names.slice(0, 2)).toEqual(["manifest.json", "home/secret"]);
  expect(names).toContain("data/global/pg_control");
  expect(names).not.toContain("data/postmaster.pid");
});

type Forged = [header: Headers, content: string];

const manifest = (postgresMajor: number): Forged => [
  { name: "manifest.json" },
  JSON.stringify({ format: 1, postgresMajor, createdAt: "2026-11-25T00:00:00.000Z" }),
];

async function forge(entries: Forged[]): Promise<string> {
  const dir = await mkdtemp(join(folder, "forged-"));
  await mkdir(dir, { recursive: true });
  const file = join(dir, "forged.tar.gz");
  const pack = createPack();
  for (const [header, content] of entries) pack.entry(header, content);
  pack.finalize();
  await pipeline(pack, createGzip(), createWriteStream(file));
  return file;
}
