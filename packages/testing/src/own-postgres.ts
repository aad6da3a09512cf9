import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { migrate, removeEmbedded, startEmbedded } from "@echo/db";
import { fastestFolder } from "./fastest-folder.ts";

/** A server of one test alone, which may stop it. */
export interface OwnPostgres extends AsyncDisposable {
  /** Of its migrated database. */
  url: string;
  stop(): Promise<void>;
  /** After a stop: on the same port, with the same data. */
  start(): Promise<void>;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const parent = await mkdtemp(join(await fastestFolder(), "echo-own-postgres-"));
  await chmod(parent, 0o755);
  const home = join(parent, "home");
  let server = await startEmbedded({ home, durable: false });
  const { url, port } = server;
  await migrate({ url });
  return {
    url,
    stop: () => server.stop(),
    async start() {
      server = await startEmbedded({ home, durable: false, port });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await removeEmbedded({ home });
      await rm(parent, { recursive: true, force: true });
    },
  };
}
