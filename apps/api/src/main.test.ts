import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { ReadyMessage } from "@echo/platform";
import { createTestDatabase } from "@echo/testing/database";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

/** The process as `echoctl` starts it. */
function launch(environment: Record<string, string>): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main], {
    env: { PATH: process.env.PATH, NODE_ENV: "test", API_PORT: "0", API_INTERNAL_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  return { child, output: () => output };
}

const ended = async (child: ChildProcess): Promise<unknown> => (await once(child, "close"))[0];
const lastLine = (output: string) => JSON.parse(output.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
const secret = Buffer.alloc(32, 7).toString("base64url");

test("the process reports its ports when they answer, and ends with 0 on SIGTERM", async () => {
  await using database = await createTestDatabase();
  const { child, output } = launch({ DATABASE_URL: database.url, ECHO_SECRET: secret, ECHO_HOST: "127.0.0.1" });

  const { port, internalPort } = ReadyMessage.parse((await once(child, "message"))[0]);
  const health = await fetch(`http://127.0.0.1:${port}/health`);
  const ready = await fetch(`http://127.0.0.1:${internalPort}/ready`);
  child.kill("SIGTERM");

  expect([health.status, ready.status]).toEqual([200, 200]);
  expect(await ended(child)).toBe(0);
  expect(lastLine(output())).toMatchObject({ service: "api", message: "stopped", stuck: [], failed: [] });
  expect(output()).toContain('"message":"request completed"');
});

test("a configuration that is wrong ends it with 1 and names every fault", async () => {
  const { child, output } = launch({ API_PORT: "http", ECHO_SECRET: "short" });

  expect(await ended(child)).toBe(1);
  const { level, message } = lastLine(output());
  expect(level).toBe("fatal");
  for (const name of ["API_PORT", "ECHO_SECRET", "DATABASE_URL"]) expect(message).toContain(name);
});

test("a port in use and a database that is not there are one sentence each, without a stack", async () => {
  await using database = await createTestDatabase();
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };

  const second = launch({
    DATABASE_URL: database.url,
    ECHO_SECRET: secret,
    ECHO_HOST: "127.0.0.1",
    API_PORT: String(port),
  });
  const nowhere = launch({ DATABASE_URL: "postgresql://echo@127.0.0.1:1/echo", ECHO_SECRET: secret });

  expect(await Promise.all([ended(second.child), ended(nowhere.child)])).toEqual([1, 1]);
  expect(lastLine(second.output()).message).toMatch(new RegExp(`:${port} is in use`));
  expect(lastLine(nowhere.output()).message).toMatch(/database does not answer/);
  for (const { output } of [second, nowhere]) expect(lastLine(output())).not.toHaveProperty("error");
  taken.close();
});
