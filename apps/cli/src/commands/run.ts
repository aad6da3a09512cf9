import type { StdioOptions } from "node:child_process";
import { once } from "node:events";
import { type Command, InvalidArgumentError } from "commander";
import type { z } from "zod";
import { CliError } from "../cli-error.ts";
import { processEnvironment, readCliConfig } from "../config.ts";
import { buildConsole } from "../stack/console-build.ts";
import { openDatabase, requireSchema } from "../stack/database.ts";
import { launchProcess } from "../stack/launch-process.ts";
import { ProcessKind } from "../stack/process-kinds.ts";
import { requireSecret } from "../stack/secret.ts";
import type { Terminal } from "../terminal.ts";

/** The demo hands out passwords: `start` alone serves it, on loopback. */
const RunKind = ProcessKind.exclude(["demo"]);
type RunKind = z.infer<typeof RunKind>;

export function registerRun(program: Command, terminal: Terminal): void {
  program
    .command("run")
    .description("Runs one process of each kind named, in the foreground: what images run")
    .argument("<kinds...>", RunKind.options.join(", "), kindOf)
    .action((kinds: RunKind[]) => run(terminal, kinds));
}

function kindOf(word: string, before: RunKind[] = []): RunKind[] {
  const kind = RunKind.safeParse(word);
  if (!kind.success) throw new InvalidArgumentError(`one of ${RunKind.options.join(", ")}`);
  return [...before, kind.data];
}

const never = new AbortController().signal;

async function run(terminal: Terminal, kinds: readonly RunKind[]): Promise<void> {
  const config = readCliConfig(terminal.env);
  const secret = await requireSecret(config, terminal.env.ECHO_SECRET);
  const database = await openDatabase(config, terminal.note);
  try {
    await requireSchema(config, database, terminal.note);
    const known = { databaseUrl: database.url, secret, isEmbedded: config.isEmbedded };
    const environment = processEnvironment(terminal.env, known);
    // An image has it built; a checkout may not.
    if (kinds.includes("admin")) await buildConsole({ note: terminal.note, environment, signal: never });
    await runProcesses(kinds, environment);
  } finally {
    await database.close();
  }
}

const stdio: StdioOptions = ["ignore", "inherit", "inherit", "ipc"];

/** Ends with the first process that ends; signals are passed on. @throws CliError when it ended badly */
async function runProcesses(kinds: readonly RunKind[], environment: Record<string, string>): Promise<void> {
  const children = kinds.map((kind) => launchProcess(kind, { env: environment, stdio }));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      for (const child of children) child.kill(signal);
    });
  }
  const exits = children.map((child) => once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>);
  const [code] = await Promise.race(exits);
  for (const child of children) child.kill("SIGTERM");
  await Promise.all(exits);
  if (code !== 0) throw new CliError(`A process ended with ${code ?? "a signal"}; the lines above say why.`);
}
