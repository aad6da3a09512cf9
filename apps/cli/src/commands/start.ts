import { join } from "node:path";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { type CliConfig, processEnvironment, readCliConfig } from "../config.ts";
import { migrateDatabase, type OpenDatabase, openDatabase } from "../stack/database.ts";
import { lockHome } from "../stack/lock.ts";
import { makeHome } from "../stack/make-home.ts";
import { nodeCount } from "../stack/node-count.ts";
import { type ProcessKind, type RunFile, removeRunFile, writeRunFile } from "../stack/run-file.ts";
import { requireSameSecret, requireSecret } from "../stack/secret.ts";
import { requireFreePorts, type Stack, type StackPorts, startStack } from "../stack/stack.ts";
import { formatTable } from "../stack/table.ts";
import type { Terminal } from "../terminal.ts";
import { version } from "../version.ts";

const databaseLookMs = 1_000;

export function registerStart(program: Command, terminal: Terminal): void {
  program
    .command("start")
    .description("Starts and supervises everything, on an embedded PostgreSQL unless DATABASE_URL is set")
    .option("--nodes <n>", "how many of each process", nodeCount, 1)
    .action(({ nodes }: { nodes: number }) => start(terminal, nodes));
}

async function start(terminal: Terminal, nodes: number): Promise<void> {
  const config = readCliConfig(terminal.env);
  const end = whenAsked();
  await makeHome(config.home);
  const lock = await lockHome(config.home);
  if (!lock)
    throw new CliError(`Echo already runs in ${config.home}: stop it first, or set ECHO_HOME to another folder.`);
  try {
    const ports = portsOf(config);
    await requireFreePorts(ports, config.ECHO_HOST);
    const secret = await requireSecret(config, terminal.env.ECHO_SECRET);
    const database = await openDatabase(config, terminal.note);
    try {
      await migrateDatabase(database, terminal.note);
      await requireSameSecret(database, { secret, previous: terminal.env.ECHO_SECRET_PREVIOUS });
      await runStack({ terminal, config, ports, nodes, secret, database, end });
    } finally {
      // Whoever started it: a start that ends takes the database of its folder with it.
      await database.embedded?.stop();
    }
  } finally {
    await lock.release();
  }
}

const portsOf = (config: CliConfig): StackPorts => ({
  api: config.API_PORT,
  realtime: config.REALTIME_PORT,
  apiInternal: config.API_INTERNAL_PORT,
  realtimeInternal: config.REALTIME_INTERNAL_PORT,
});

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process at once. */
function whenAsked(): Promise<null> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      let count = 0;
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(1);
        resolve(null);
      });
    }
  });
}

interface Run {
  terminal: Terminal;
  config: CliConfig;
  ports: StackPorts;
  nodes: number;
  secret: string;
  database: OpenDatabase;
  end: Promise<null>;
}

async function runStack(run: Run): Promise<void> {
  const { terminal, config, database } = run;
  const startedAt = new Date().toISOString();
  let giveUp: (error: CliError) => void = () => undefined;
  const gaveUp = new Promise<CliError>((resolve) => {
    giveUp = resolve;
  });
  const publish = () =>
    writeRunFile(config.home, runFileOf(run, stack, startedAt)).catch((error: Error) => terminal.note(error.message));
  const known = { databaseUrl: database.url, secret: run.secret, isEmbedded: config.isEmbedded };
  let isComplete = false;
  const stack = startStack({
    home: config.home,
    nodes: run.nodes,
    ports: run.ports,
    environment: processEnvironment(terminal.env, known),
    onWarning: terminal.note,
    onReady: () => void (isComplete && stack.processes.every(({ isReady }) => isReady) && publish()),
    onDeath: ({ name }) =>
      terminal.note(`${name} died and is started again; see ${join(config.home, "logs", `${name}.log`)}`),
    onGiveUp: (error) => giveUp(error),
  });
  const watch = setInterval(() => void keepDatabase(run), databaseLookMs);
  try {
    let outcome = await Promise.race([stack.whenReady(), gaveUp, run.end]);
    if (outcome === undefined) {
      isComplete = true;
      await publish();
      terminal.print(formatTable(tableOf(run, stack)));
      outcome = await Promise.race([gaveUp, run.end]);
    }
    if (outcome) throw outcome;
    terminal.note("Stopping ...");
  } finally {
    clearInterval(watch);
    await stack.stop();
    await removeRunFile(config.home);
  }
}

/** A database that died comes back on its port; the processes reconnect by themselves. */
async function keepDatabase({ database, terminal }: Run): Promise<void> {
  try {
    await database.embedded?.ensureRunning();
  } catch (error) {
    terminal.note(`PostgreSQL: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function runFileOf({ database }: Run, stack: Stack, startedAt: string): RunFile {
  const first = (kind: ProcessKind) => stack.of(kind)[0]?.ports ?? { port: 0, internalPort: 0 };
  const { embedded } = database;
  return {
    version,
    startedAt,
    ...(embedded ? { databaseUrl: database.url, dataDir: embedded.dataDir } : {}),
    ports: {
      api: first("api").port,
      apiInternal: first("api").internalPort,
      realtime: first("realtime").port,
      realtimeInternal: first("realtime").internalPort,
      ...(embedded ? { postgres: embedded.port } : {}),
    },
    processes: stack.processes.map(({ kind, pid, ports }) => ({ kind, pid, ...ports })),
  };
}

function tableOf({ config, database }: Run, stack: Stack): string[][] {
  const paths: Record<ProcessKind, string> = { api: "http://%/trpc", realtime: "ws://%/trpc" };
  const host = config.ECHO_HOST.includes(":") ? `[${config.ECHO_HOST}]` : config.ECHO_HOST;
  const { embedded } = database;
  return [
    ["what", "where", "pid", "log"],
    ...stack.processes.map(({ name, kind, pid, ports }) => [
      name,
      paths[kind].replace("%", `${host}:${ports.port}`),
      String(pid),
      join(config.home, "logs", `${name}.log`),
    ]),
    embedded
      ? ["postgres", `127.0.0.1:${embedded.port}`, String(embedded.pid), join(config.home, "logs", "postgres.log")]
      : ["postgres", new URL(database.url).host, "", "(DATABASE_URL)"],
  ];
}
