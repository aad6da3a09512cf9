import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findChromium, noChromium } from "@echo/testing/chromium";
import { echoctl, readRunFile } from "./stack.ts";

/** The first start builds the console. */
const startMs = 300_000;
const environment = {
  API_PORT: "0",
  API_INTERNAL_PORT: "0",
  REALTIME_PORT: "0",
  REALTIME_INTERNAL_PORT: "0",
  WORKER_INTERNAL_PORT: "0",
  ADMIN_PORT: "0",
  DEMO_PORT: "0",
  POSTGRES_PORT: "0",
  /** The least that is allowed: many people sign in here. */
  ARGON2_MEMORY_KIB: "19456",
  /** All of them on one address. */
  ECHO_LIMITS: JSON.stringify({
    anonymous: { limit: 10_000, windowMs: 60_000 },
    user: { burst: 1_000, perSecond: 100 },
    send: { burst: 1_000, perSecond: 100 },
    hashing: { places: 64, perIp: 64 },
    register: { limit: 1_000, windowMs: 3_600_000 },
  }),
};

export interface StartedStack {
  home: string;
  stop(): Promise<void>;
}

/** Starts everything as a user would, in a folder of its own; what stops it leaves nothing. */
export async function startStack(variables: Record<string, string> = {}): Promise<StartedStack> {
  const home = mkdtempSync(join(tmpdir(), "echo-e2e-"));
  // As root the database runs as another user, who has to pass.
  chmodSync(home, 0o711);
  const env = { ...process.env, ...environment, ...variables, ECHO_HOME: home };
  const child = spawn(process.execPath, [echoctl, "start", "--demo"], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  const stop = async (): Promise<void> => {
    await ended(child, "SIGINT");
    await ended(spawn(process.execPath, [echoctl, "reset", "--yes"], { env, stdio: "ignore" }));
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await untilOpen(home, child);
  } catch (error) {
    await stop();
    throw new Error(`The stack did not start:\n${output}`, { cause: error });
  }
  return { home, stop };
}

async function untilOpen(home: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startMs;
  while (!isOpen(home)) {
    if (hasEnded(child)) throw new Error(`start ended with ${child.exitCode ?? child.signalCode}`);
    if (Date.now() > deadline) throw new Error(`it took more than ${startMs / 1_000} s`);
    await pause(100);
  }
}

/** The pages come last. */
function isOpen(home: string): boolean {
  try {
    const { ports } = readRunFile(home);
    return ports.admin > 0 && ports.demo > 0;
  } catch {
    return false;
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, "exit");
  if (signal) child.kill(signal);
  await exited;
}

/** For Playwright: before the first test; what it answers runs after the last. */
export default async function setUp(): Promise<(() => Promise<void>) | undefined> {
  if (findChromium(process.env) === null) {
    process.stdout.write(`${noChromium}\n`);
    return undefined;
  }
  const { home, stop } = await startStack();
  process.env.ECHO_E2E_HOME = home;
  return stop;
}
