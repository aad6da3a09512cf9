import { join } from "node:path";
import type { CliError } from "../cli-error.ts";
import { type CliConfig, processEnvironment } from "../config.ts";
import type { Terminal } from "../terminal.ts";
import type { OpenDatabase } from "./database.ts";
import { keepDatabase } from "./keep-database.ts";
import { openPages, type WantedPages } from "./pages.ts";
import { hostAndPort, hostOf, processKinds } from "./process-kinds.ts";
import { describeRun, type RunFile, removeRunFile, writeRunFile } from "./run-file.ts";
import { type Stack, type StackPorts, startStack } from "./stack.ts";
import { formatTable } from "./table.ts";

export interface Run {
  terminal: Terminal;
  config: CliConfig;
  ports: StackPorts;
  nodes: number;
  pages: WantedPages;
  secret: string;
  database: OpenDatabase;
  /** Variables on top of the operator's. */
  environment: Record<string, string>;
  makeSignInLink: (() => Promise<string>) | null;
  /** Resolves when it shall stop. */
  end: Promise<null>;
}

/** Runs everything until it is told to end. @throws CliError when a process dies too often */
export async function runStack(run: Run): Promise<void> {
  const { terminal, config, database } = run;
  const startedAt = new Date().toISOString();
  let giveUp: (error: CliError) => void = () => undefined;
  const gaveUp = new Promise<CliError>((resolve) => {
    giveUp = resolve;
  });
  const known = { databaseUrl: database.url, secret: run.secret, isEmbedded: config.isEmbedded };
  const environment = { ...processEnvironment(terminal.env, known), ...run.environment };
  let written = Promise.resolve();
  const publish = () => {
    written = written
      .then(() => writeRunFile(config.home, describeRun({ startedAt, database, processes: openOf(stack) })))
      .catch((error: Error) => terminal.note(error.message));
    return written;
  };
  let isComplete = false;
  const stack = startStack({
    home: config.home,
    nodes: run.nodes,
    ports: run.ports,
    environment,
    onWarning: terminal.note,
    onReady: () => void (isComplete && started.flatMap(stack.of).every(isReady) && publish()),
    onDeath: ({ name }) =>
      terminal.note(`${name} died and is started again; see ${join(config.home, "logs", `${name}.log`)}`),
    onGiveUp: (error) => giveUp(error),
  });
  const pages = new AbortController();
  const stopKeeping = keepDatabase(terminal, database);
  let opening = Promise.resolve();
  try {
    let outcome = await Promise.race([stack.whenReady(), gaveUp, run.end]);
    if (outcome === undefined) {
      isComplete = true;
      await publish();
      terminal.print(formatTable(tableOf(run, stack)));
      opening = openPages({ ...run, wanted: run.pages, stack, environment, onOpen: publish, signal: pages.signal });
      outcome = await Promise.race([gaveUp, run.end]);
    }
    if (outcome) throw outcome;
    terminal.note("Stopping ...");
  } finally {
    stopKeeping();
    pages.abort();
    await opening;
    await stack.stop();
    await written;
    await removeRunFile(config.home);
  }
}

/** What is started first; pages follow when these answer. */
const started = ["api", "realtime", "worker"] as const;

const openOf = ({ processes }: Stack): RunFile["processes"] =>
  processes.filter(({ ports }) => ports.port > 0).map(({ kind, pid, ports }) => ({ kind, pid, ...ports }));

const isReady = (process: { isReady: boolean }): boolean => process.isReady;

function tableOf({ config, database }: Run, stack: Stack): string[][] {
  const { embedded } = database;
  return [
    ["what", "where", "pid", "log"],
    ...stack.processes.map(({ name, kind, pid, ports }) => [
      name,
      processKinds[kind].address.replace("%", hostAndPort(hostOf(kind, config), ports.port)),
      String(pid),
      join(config.home, "logs", `${name}.log`),
    ]),
    embedded
      ? ["postgres", `127.0.0.1:${embedded.port}`, String(embedded.pid), join(config.home, "logs", "postgres.log")]
      : ["postgres", new URL(database.url).host, "", "(DATABASE_URL)"],
  ];
}
