import { once } from "node:events";
import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../cli-error.ts";
import { processEnvironment, readCliConfig } from "../config.ts";
import { openDatabase, requireSchema } from "../stack/database.ts";
import { launchProcess } from "../stack/launch-process.ts";
import { ProcessKind } from "../stack/process-kinds.ts";
import { requireSecret } from "../stack/secret.ts";
import type { Terminal } from "../terminal.ts";

export function registerRun(program: Command, terminal: Terminal): void {
  program
    .command("run")
    .description("Runs one process of each kind named, in the foreground: what images run")
    .argument("<kinds...>", "api, realtime", kindOf)
    .action((kinds: ProcessKind[]) => run(terminal, kinds));
}

function kindOf(word: string, before: ProcessKind[] = []): ProcessKind[] {
  const kind = ProcessKind.safeParse(word);
  if (!kind.success) throw new InvalidArgumentError(`one of ${ProcessKind.options.join(", ")}`);
  return [...before, kind.data];
}

async function run(terminal: Terminal, kinds: readonly ProcessKind[]): Promise<void> {
  const config = readCliConfig(terminal.env);
  const secret = await requireSecret(config, terminal.env.ECHO_SECRET);
  const database = await openDatabase(config, terminal.note);
  try {
    await requireSchema(config, database, terminal.note);
    const known = { databaseUrl: database.url, secret, isEmbedded: config.isEmbedded };
    await runProcesses(kinds, processEnvironment(terminal.env, known));
  } finally {
    await database.close();
  }
}

/** Ends with the first process that ends; signals are passed on. @throws CliError when it ended badly */
async function runProcesses(kinds: readonly ProcessKind[], environment: Record<string, string>): Promise<void> {
  const children = kinds.map((kind) =>
    launchProcess(kind, { env: environment, stdio: ["ignore", "inherit", "inherit", "ipc"] }),
  );
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
