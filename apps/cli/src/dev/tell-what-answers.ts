import type { CliConfig } from "../config.ts";
import type { OpenDatabase } from "../stack/database.ts";
import { consoleLine, demoLine } from "../stack/pages.ts";
import { hostAndPort, hostOf, ProcessKind, processKinds } from "../stack/process-kinds.ts";
import { describeRun, type RunFile, writeRunFile } from "../stack/run-file.ts";
import type { StackPorts } from "../stack/stack.ts";
import { formatTable } from "../stack/table.ts";
import type { Terminal } from "../terminal.ts";
import { whenAnswering } from "./when-answering.ts";

export interface Telling {
  terminal: Terminal;
  config: CliConfig;
  ports: StackPorts;
  database: OpenDatabase;
  hasDemo: boolean;
  consoleUrl: string;
  /** Null where nobody signs in by link. */
  makeSignInLink: (() => Promise<string>) | null;
  signal: AbortSignal;
}

/** Tells what runs where as it comes up, in the words of `start`; run.json says it to the tools beside a running system. */
export async function tellWhatAnswers(telling: Telling): Promise<void> {
  const { terminal, hasDemo, consoleUrl, makeSignInLink, signal } = telling;
  const startedAt = new Date().toISOString();
  const open: ProcessKind[] = [];
  const whenOpen = async (kind: ProcessKind) => {
    await whenAnswering(`http://${addressOf(telling, kind)}`, signal);
    open.push(kind);
  };
  await Promise.all([whenOpen("api"), whenOpen("realtime"), whenOpen("worker")]);
  const publish = () =>
    signal.aborted
      ? undefined
      : writeRunFile(telling.config.home, describeRun({ ...telling, startedAt, processes: openOf(telling, open) }));
  await publish();
  if (!signal.aborted) terminal.print(formatTable(tableOf(telling)));
  const demo = async () => {
    await whenOpen("demo");
    await publish();
    if (!signal.aborted) terminal.print(demoLine(`http://${addressOf(telling, "demo")}`));
  };
  const console = async () => {
    await whenOpen("admin");
    await publish();
    if (!signal.aborted) terminal.print(consoleLine((await makeSignInLink?.()) ?? null, consoleUrl));
  };
  await Promise.all([...(hasDemo ? [demo()] : []), console()]);
}

const addressOf = ({ config, ports }: Telling, kind: ProcessKind): string =>
  hostAndPort(hostOf(kind, config), ports[kind].port);

function tableOf(telling: Telling): string[][] {
  const { embedded, url } = telling.database;
  const row = (kind: ProcessKind) => [kind, processKinds[kind].address.replace("%", addressOf(telling, kind))];
  return [
    ["what", "where"],
    row("api"),
    row("realtime"),
    row("worker"),
    ["postgres", embedded ? `127.0.0.1:${embedded.port}` : `${new URL(url).host} (DATABASE_URL)`],
  ];
}

/** An app has another pid after each change: this one is of the process which holds the folder for all of them. */
const openOf = ({ ports }: Telling, open: readonly ProcessKind[]): RunFile["processes"] =>
  ProcessKind.options.filter((kind) => open.includes(kind)).map((kind) => ({ kind, pid: process.pid, ...ports[kind] }));
