import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** One start per ECHO_HOME, held by a socket that the kernel takes back when the holder dies. */
export interface HomeLock {
  release(): Promise<void>;
}

/** Unix sockets are limited to about 100 bytes of path, hence the hash in the folder for temporary files. */
function socketPath(home: string): string {
  const name = createHash("sha256").update(resolve(home)).digest("hex").slice(0, 16);
  return join(tmpdir(), `echo-${name}.sock`);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      done(true);
    });
    probe.once("error", () => done(false));
  });
}

function listen(path: string): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", fail);
    server.listen(path, () => done(server));
  });
}

/** Answers null when another process holds the folder. */
export async function lockHome(home: string): Promise<HomeLock | null> {
  const path = socketPath(home);
  if (await isAnswered(path)) return null;
  await rm(path, { force: true });
  const server = await listen(path);
  server.unref();
  return { release: () => new Promise((done) => server.close(() => done())) };
}
