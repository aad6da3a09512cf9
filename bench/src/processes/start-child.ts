import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** What a process of the benchmark does when it is asked: by name, one input, one answer. */
export type Commands = Record<string, (input: never) => unknown>;

type Input<F> = F extends (input: infer I) => unknown ? I : never;
type Output<F> = F extends (input: never) => infer O ? Awaited<O> : never;

/** A process that was started here; `ask` resolves with what its command answers. */
export interface Child<C extends Commands> {
  pid: number;
  port: number;
  ask<K extends keyof C & string>(command: K, input: Input<C[K]>): Promise<Output<C[K]>>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Read by the child from its first argument. */
  config?: unknown;
  environment?: Record<string, string>;
  nodeArgs?: readonly string[];
  /** How long its end may take: a profile is written then. */
  stopWithinMs?: number;
}

const Ready = z.object({ type: z.literal("ready"), port: z.int() });
const Answer = z.object({ id: z.int(), output: z.unknown().optional(), error: z.string().optional() });

const readyWithinMs = 60_000;

/** Starts a module in a Node of its own and waits until it says that it is ready. @throws Error with its last words */
export async function startChild<C extends Commands>(main: URL, options: StartOptions = {}): Promise<Child<C>> {
  const { config = {}, environment = {}, nodeArgs = [], stopWithinMs = 2_000 } = options;
  const runner = ["--import", import.meta.resolve("tsx"), "--enable-source-maps", ...nodeArgs, fileURLToPath(main)];
  const child = spawn(process.execPath, [...runner, JSON.stringify(config)], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: environment,
  });
  const words = lastWordsOf(child);
  const port = await readyPort(child, words);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  child.on("message", (raw) => {
    const { data } = Answer.safeParse(raw);
    const asked = data && waiting.get(data.id);
    if (!asked) return;
    waiting.delete(data.id);
    if (data.error === undefined) asked.resolve(data.output);
    else asked.reject(new Error(data.error));
  });
  child.once("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error(`a process of the benchmark ended: ${words()}`));
    waiting.clear();
  });
  let lastId = 0;
  return {
    pid: child.pid ?? 0,
    port,
    ask: (command, input) =>
      new Promise<never>((resolve, reject) => {
        lastId += 1;
        // The two ends share the table of commands as a type.
        waiting.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id: lastId, command, input }, (error) => error && reject(error));
      }),
    stop: () => stop(child, stopWithinMs),
  };
}

function lastWordsOf(child: ChildProcess): () => string {
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(-4_000);
    });
  }
  return () => said.trim().split("\n").slice(-3).join(" ") || "without a word";
}

async function readyPort(child: ChildProcess, words: () => string): Promise<number> {
  const late = setTimeout(() => child.kill("SIGKILL"), readyWithinMs);
  try {
    return await new Promise((resolve, reject) => {
      child.on("message", (raw) => {
        const { data } = Ready.safeParse(raw);
        if (data) resolve(data.port);
      });
      child.once("error", reject);
      child.once("exit", () => reject(new Error(sentenceOf(words()))));
    });
  } finally {
    clearTimeout(late);
  }
}

/** A process of Echo says why it cannot start in its last log line. */
function sentenceOf(words: string): string {
  const message = /"message":"((?:[^"\\]|\\.)*)"/.exec(words)?.[1];
  return message ?? words;
}

async function stop(child: ChildProcess, withinMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), withinMs);
  await exited;
  clearTimeout(late);
}
