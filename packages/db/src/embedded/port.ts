import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

const fileOf = (ownDir: string): string => join(ownDir, "port");

/** The port of the last start: URLs that somebody noted stay true. */
export async function rememberedPort(ownDir: string): Promise<number | undefined> {
  const port = Number(await readFile(fileOf(ownDir), "utf8").catch(() => ""));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

export async function rememberPort(ownDir: string, port: number): Promise<void> {
  await writeFile(fileOf(ownDir), `${port}\n`);
}

/** The wanted port of loopback when it is free, else any free one. */
export async function freePort(wanted = 0): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
