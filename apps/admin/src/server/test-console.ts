import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { ReadyMessage } from "@echo/platform";
import { ensureBuilt } from "../build/ensure-built.ts";
import { fingerprintOf } from "../build/fingerprint.ts";
import { consoleRoot } from "../build/paths.ts";
import { runNextBuild } from "../build/run-next-build.ts";

export const testSecret = Buffer.alloc(32, 7).toString("base64url");

/** The first file of a run may have to wait for a build. */
export const buildWithinMs = 180_000;

/** What a console passed on. */
export interface Arrived {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Answers in the place of an API, and remembers what came. */
export async function startReceiver(): Promise<AsyncDisposable & { url: string; arrived: Arrived[] }> {
  const arrived: Arrived[] = [];
  const server = createServer(async (req, res) => {
    arrived.push({ method: req.method ?? "", url: req.url ?? "", headers: req.headers, body: await bodyOf(req) });
    res.setHeader("content-type", "application/json").end('{"result":{"data":null}}');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrived,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of req.setEncoding("utf8")) body += chunk;
  return body;
}

export interface TestConsole extends AsyncDisposable {
  port: number;
  /** Its log, line by line. */
  lines: string[];
  /** Sends a signal, or closes its IPC channel, and resolves with its exit code. */
  end(how: NodeJS.Signals | "disconnect"): Promise<number | null>;
}

/** The console's own process on its normal build, which is made when it is stale. */
export async function startTestConsole(variables: Record<string, string> = {}): Promise<TestConsole> {
  await ensureTestBuild();
  const { child, lines } = launch(variables);
  const ready = await Promise.race([once(child, "message"), once(child, "exit")]);
  const message = ReadyMessage.safeParse(ready[0]);
  if (!message.success) throw new Error(`The console did not start: ${lines.join("\n")}`);
  const exited = once(child, "exit") as Promise<[number | null]>;
  const end: TestConsole["end"] = async (how) => {
    if (how === "disconnect") child.disconnect();
    else child.kill(how);
    return (await exited)[0];
  };
  return {
    port: message.data.port,
    lines,
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) await end("SIGKILL");
    },
  };
}

/** Of a start that fails: the exit code and the last line of the log. */
export async function failTestConsole(variables: Record<string, string>): Promise<{ code: number; sentence: string }> {
  const { child, lines } = launch(variables);
  const [code] = (await once(child, "exit")) as [number];
  return { code, sentence: JSON.parse(lines.at(-1) ?? "{}").message };
}

function launch(variables: Record<string, string>) {
  const main = fileURLToPath(new URL("../main.ts", import.meta.url));
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main], {
    env: { PATH, HOME, NODE_ENV: "production", ECHO_SECRET: testSecret, ADMIN_PORT: "0", ...variables },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trim().split("\n")));
  }
  return { child, lines };
}

export async function ensureTestBuild(): Promise<void> {
  await ensureBuilt({
    root: consoleRoot,
    fingerprint: await fingerprintOf(),
    run: (distDir) => runNextBuild({ distDir, environment: process.env, signal: new AbortController().signal }),
    note: () => undefined,
  });
}
