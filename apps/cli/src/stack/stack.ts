import { CliError } from "../cli-error.ts";
import { isPortFree } from "./free-port.ts";
import { openProcessLog } from "./process-log.ts";
import type { ProcessKind } from "./run-file.ts";
import { SupervisedProcess } from "./supervised-process.ts";

export interface StackPorts {
  api: number;
  realtime: number;
  apiInternal: number;
  realtimeInternal: number;
}

export interface StackOptions {
  /** Where logs go. */
  home: string;
  /** Of each kind. */
  nodes: number;
  /** Of the first node; 0 and the other nodes: any free one. */
  ports: StackPorts;
  /** What every process gets beside its ports: DATABASE_URL, ECHO_SECRET and what the operator set. */
  environment: Record<string, string>;
  onWarning(line: string): void;
  /** A process is ready, at the first start and after each restart. */
  onReady(process: SupervisedProcess): void;
  onDeath(process: SupervisedProcess): void;
  /** A process died too often: the stack can't go on. */
  onGiveUp(error: CliError): void;
}

/** The processes of Echo, supervised. */
export interface Stack {
  readonly processes: readonly SupervisedProcess[];
  of(kind: ProcessKind): SupervisedProcess[];
  whenReady(): Promise<void>;
  /** Realtime first, so that no socket sees its API die. */
  stop(): Promise<void>;
}

const variables: Record<ProcessKind, { port: string; internalPort: string }> = {
  api: { port: "API_PORT", internalPort: "API_INTERNAL_PORT" },
  realtime: { port: "REALTIME_PORT", internalPort: "REALTIME_INTERNAL_PORT" },
};

/** @throws CliError that names the variable which moves the port */
export async function requireFreePorts(ports: StackPorts, host: string): Promise<void> {
  const wanted: [variable: string, port: number, host: string][] = [
    [variables.api.port, ports.api, host],
    [variables.realtime.port, ports.realtime, host],
    [variables.api.internalPort, ports.apiInternal, "127.0.0.1"],
    [variables.realtime.internalPort, ports.realtimeInternal, "127.0.0.1"],
  ];
  for (const [variable, port, address] of wanted) {
    if (port !== 0 && !(await isPortFree(port, address))) {
      throw new CliError(
        `Port ${port} is in use: end what listens there, or set ${variable} to another (0: any free one).`,
      );
    }
  }
}

function startOne(options: StackOptions, kind: ProcessKind, index: number): SupervisedProcess {
  const name = options.nodes === 1 ? kind : `${kind}-${index + 1}`;
  const names = variables[kind];
  const first =
    kind === "api"
      ? { port: options.ports.api, internalPort: options.ports.apiInternal }
      : { port: options.ports.realtime, internalPort: options.ports.realtimeInternal };
  const wanted = index === 0 ? first : { port: 0, internalPort: 0 };
  return new SupervisedProcess(
    {
      kind,
      name,
      log: openProcessLog(options.home, name, (line) => options.onWarning(`${name}: ${line}`)),
      environment: (ports) => ({
        ...options.environment,
        [names.port]: String(ports?.port ?? wanted.port),
        [names.internalPort]: String(ports?.internalPort ?? wanted.internalPort),
      }),
    },
    options,
  );
}

/** Starts N of each; `whenReady` tells when all answer. */
export function startStack(options: StackOptions): Stack {
  const kinds: ProcessKind[] = ["api", "realtime"];
  const processes = kinds.flatMap((kind) =>
    Array.from({ length: options.nodes }, (_, i) => startOne(options, kind, i)),
  );
  const of = (kind: ProcessKind) => processes.filter((each) => each.kind === kind);
  return {
    processes,
    of,
    async whenReady() {
      await Promise.all(processes.map((each) => each.whenReady()));
    },
    async stop() {
      for (const kind of kinds.toReversed()) await Promise.all(of(kind).map((each) => each.stop()));
    },
  };
}
