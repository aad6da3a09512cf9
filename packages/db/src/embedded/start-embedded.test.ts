import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fastestFolder } from "@echo/testing/database";
import { programArgs } from "@echo/testing/program";
import { expect, test, vi } from "vitest";
import { createDb } from "../create-db.ts";
import { type Db, statement } from "../db.ts";
import { EmbeddedError } from "./embedded-error.ts";
import { findPlacement } from "./placement.ts";
import { endPostmaster, isPostmaster } from "./postmaster.ts";
import { removeEmbedded } from "./remove-embedded.ts";
import { type EmbeddedPostgres, startEmbedded } from "./start-embedded.ts";

// A start is a second on an idle machine, most of it initdb; some tests need several.
vi.setConfig({ testTimeout: 120_000 });

const isRoot = process.getuid?.() === 0;
const nobody = 65534;

/** A folder that goes with the test, and the server with it. */
async function openFolder(mode = 0o755) {
  const parent = await mkdtemp(join(await fastestFolder(), "echo-embedded-"));
  await chmod(parent, mode);
  const home = join(parent, "home");
  return {
    parent,
    home,
    start: (port?: number) => startEmbedded({ home, durable: false, ...(port === undefined ? {} : { port }) }),
    async [Symbol.asyncDispose]() {
      await endPostmaster((await findPlacement(home)).dataDir);
      await removeEmbedded({ home });
      await rm(parent, { recursive: true, force: true });
    },
  };
}

async function withDb<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
  const db = createDb({ url, poolMax: 2 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const write = ({ url }: EmbeddedPostgres): Promise<unknown> =>
  withDb(url, (db) => db.query(statement("test_write", "CREATE TABLE IF NOT EXISTS kept AS SELECT 'here' AS word")));
const read = ({ url }: EmbeddedPostgres): Promise<unknown> =>
  withDb(url, (db) => db.query(statement("test_read", "SELECT word FROM kept")));

test("a fresh folder becomes a server for one role that owns its database and nothing else", async () => {
  await using folder = await openFolder();
  const postgres = await folder.start();

  const facts = await withDb(postgres.url, (db) =>
    db.query(
      statement(
        "test_facts",
        `SELECT current_user AS role, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS mighty,
           pg_get_userbyid(datdba) AS owner, current_setting('max_connections') AS connections,
           current_setting('listen_addresses') AS address,
           current_setting('password_encryption') AS encryption, getdatabaseencoding() AS encoding,
           current_setting('server_version_num')::int >= 180000 AS current
         FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`,
      ),
    ),
  );

  expect(facts).toEqual([
    {
      role: "echo",
      mighty: false,
      owner: "echo",
      connections: "300",
      address: "127.0.0.1",
      encryption: "scram-sha-256",
      encoding: "UTF8",
      current: true,
    },
  ]);
  const [sockets] = await withDb(postgres.adminUrl, (db) =>
    db.query(statement("test_sockets", "SHOW unix_socket_directories")),
  );
  expect(sockets).toEqual({ unix_socket_directories: "" });
  const { mode } = await stat(join(folder.home, "postgres/credentials.json"));
  expect(mode & 0o777).toBe(0o600);
  await expect(withDb(postgres.url.replace(/:[^:@]+@/, ":guess@"), (db) => db.ping())).rejects.toThrow("password");
});

test("what was written is there after a stop, on the same port, and stop leaves no process", async () => {
  await using folder = await openFolder();
  const first = await folder.start();
  await write(first);
  await first.stop();
  expect(await isPostmaster(first.pid, first.dataDir)).toBe(false);
  expect(await first.isAlive()).toBe(false);
  expect(await first.ensureRunning()).toBe(false);
  expect(await first.isAlive()).toBe(false);

  const second = await folder.start();

  expect(second).toMatchObject({ url: first.url, port: first.port, adopted: false });
  expect(await second.isAlive()).toBe(true);
  expect(await read(second)).toEqual([{ word: "here" }]);
});

test("a server whose starter was killed is adopted", async () => {
  await using folder = await openFolder();
  const starter = startInProcess(folder.home);
  const pid = await starter.pid;
  starter.child.kill("SIGKILL");
  await once(starter.child, "close");

  const adopted = await folder.start();

  expect(adopted).toMatchObject({ pid, adopted: true });
  await write(adopted);
  await adopted.stop();
  expect(await isPostmaster(pid, adopted.dataDir)).toBe(false);
});

test("a server that is killed while it runs is started again, with what was committed", async () => {
  await using folder = await openFolder();
  const postgres = await folder.start();
  await write(postgres);
  expect(await postgres.ensureRunning()).toBe(false);

  const { pid, port } = postgres;
  process.kill(pid, "SIGKILL");

  expect(await Promise.all([postgres.ensureRunning(), postgres.ensureRunning()])).toEqual([true, true]);
  expect(postgres).toMatchObject({ port });
  expect(postgres.pid).not.toBe(pid);
  expect(await read(postgres)).toEqual([{ word: "here" }]);
});

test("a pid file whose number belongs to somebody else by now keeps nobody from starting", async () => {
  await using folder = await openFolder();
  const first = await folder.start();
  await write(first);
  const pidFile = join(first.dataDir, "postmaster.pid");
  const lines = (await readFile(pidFile, "utf8")).split("\n");
  await first.stop();
  await writeFile(pidFile, [process.pid, ...lines.slice(1)].join("\n"));

  const second = await folder.start();

  expect(second.adopted).toBe(false);
  expect(await read(second)).toEqual([{ word: "here" }]);
});

test("a folder that another start left half made is made again", async () => {
  await using folder = await openFolder();
  const { clusterDir } = await findPlacement(folder.home);
  await mkdir(join(clusterDir, "data.new-1/base"), { recursive: true });

  const postgres = await folder.start();

  expect(await postgres.isAlive()).toBe(true);
  expect(existsSync(join(clusterDir, "data.new-1"))).toBe(false);
});

test("a lost password file costs new passwords, not the data, also beside a running server", async () => {
  await using folder = await openFolder();
  const first = await folder.start();
  await write(first);
  await rm(join(folder.home, "postgres/credentials.json"));

  const second = await folder.start();

  expect(second.url).not.toBe(first.url);
  expect(await read(second)).toEqual([{ word: "here" }]);
});

test("a folder of another major version is one clear sentence", async () => {
  await using folder = await openFolder();
  const { dataDir } = await findPlacement(folder.home);
  await mkdir(dataDir, { recursive: true });
  await writeFile(join(dataDir, "PG_VERSION"), "15\n");

  const starting = folder.start();

  await expect(starting).rejects.toBeInstanceOf(EmbeddedError);
  await expect(starting).rejects.toThrow(/was made by PostgreSQL 15 and this Echo brings PostgreSQL 18/);
});

test("a wanted port that is taken is one clear sentence; a remembered one is exchanged", async () => {
  await using folder = await openFolder();
  const first = await folder.start();
  await first.stop();
  const squatter = createServer().listen(first.port, "127.0.0.1");
  await once(squatter, "listening");

  await expect(folder.start(first.port)).rejects.toThrow(`Port ${first.port} is in use; set POSTGRES_PORT to another`);
  const second = await folder.start();
  expect(second.port).not.toBe(first.port);
  squatter.close();
});

test("a server on another port than the wanted one is started anew on it", async () => {
  await using folder = await openFolder();
  const first = await folder.start();
  const squatter = createServer().listen(0, "127.0.0.1");
  await once(squatter, "listening");
  const address = squatter.address();
  const port = typeof address === "object" && address ? address.port : 0;
  squatter.close();
  await once(squatter, "close");

  const second = await folder.start(port);

  expect(second).toMatchObject({ port, adopted: false });
  expect(await isPostmaster(first.pid, first.dataDir)).toBe(false);
});

// What only root can try; elsewhere the tests above run as an unprivileged user anyway.
if (isRoot) {
  test("below a closed folder root keeps the cluster under /var/lib/echo, and finds it again", async () => {
    await using folder = await openFolder(0o700);
    const first = await folder.start();
    await write(first);
    expect(first.dataDir).toMatch(/^\/var\/lib\/echo\/[0-9a-f]{16}\/data$/);
    expect(await readFile(join(first.dataDir, "../home"), "utf8")).toBe(`${folder.home}\n`);
    await first.stop();

    await chmod(folder.parent, 0o755);
    const second = await folder.start();

    expect(second.dataDir).toBe(first.dataDir);
    expect(await read(second)).toEqual([{ word: "here" }]);
    await second.stop();
    await removeEmbedded({ home: folder.home });
    expect(existsSync(first.dataDir)).toBe(false);
  });

  test("a closed ECHO_HOME that was deleted leaves its cluster aside, and the next start is fresh", async () => {
    await using folder = await openFolder(0o700);
    const first = await folder.start();
    await write(first);
    await rm(folder.home, { recursive: true });

    const second = await folder.start();

    expect(await isPostmaster(first.pid, first.dataDir)).toBe(false);
    expect(second).toMatchObject({ dataDir: first.dataDir, adopted: false });
    await expect(read(second)).rejects.toThrow('"kept" does not exist');
  });

  test("an unprivileged user starts it as himself, and root later leaves it his", async () => {
    await using folder = await openFolder();
    await mkdir(folder.home);
    await chown(folder.home, nobody, nobody);
    const starter = startInProcess(folder.home, nobody);
    const pid = await starter.pid;
    starter.child.kill("SIGKILL");
    await once(starter.child, "close");
    expect((await stat(`/proc/${pid}`)).uid).toBe(nobody);

    const adopted = await folder.start();
    expect(adopted).toMatchObject({ pid, adopted: true });
    await adopted.stop();
    const again = await folder.start();
    expect((await stat(`/proc/${again.pid}`)).uid).toBe(nobody);
  });

  test("another user's database is one clear sentence", async () => {
    await using folder = await openFolder();
    const postgres = await folder.start();
    await postgres.stop();
    await chown(join(folder.home, "postgres"), nobody, nobody);
    const starter = startInProcess(folder.home, nobody);

    await expect(starter.pid).rejects.toThrow(
      /belongs to another user \(uid \d+\); start Echo as that user or as root/,
    );
  });
}

/** A start in a process of its own, which stays until it is killed; answers the server's pid, or what it was told. */
function startInProcess(home: string, uid?: number) {
  const entry = JSON.stringify(new URL("./start-embedded.ts", import.meta.url).href);
  const program = `const { startEmbedded } = await import(${entry});
    try {
      const { pid } = await startEmbedded({ home: ${JSON.stringify(home)}, durable: false });
      console.log(pid);
      setInterval(() => undefined, 1000);
    } catch (error) {
      console.log(error.message);
    }`;
  const account = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, programArgs(program), {
    ...account,
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = once(createInterface({ input: child.stdout }), "line").then(([line]) => {
    if (!/^\d+$/.test(line)) throw new Error(line);
    return Number(line);
  });
  return { child, pid };
}
