import { CliError } from "../cli-error.ts";
import type { CliConfig } from "../config.ts";
import { isPortFree } from "./free-port.ts";
import { hostOf, ProcessKind, processKinds } from "./process-kinds.ts";
import { openProcessLog } from "./process-log.ts";
import { SupervisedProcess } from "./supervised-process.ts";

/** Of the first process of a kind; 0: any free one. */
export type StackPorts = Record<ProcessKind, { port: number; internalPort: number }>;

/** As the environment has them. */
export const configuredPorts = (config: CliConfig): StackPorts => ({
  api: { port: config.API_PORT, internalPort: config.API_INTERNAL_PORT },
  realtime: { port: config.REALTIME_PORT, internalPort: config.REALTIME_INTERNAL_PORT },
  worker: { port: config.WORKER_INTERNAL_PORT, internalPort: 0 },
  admin: { port: config.ADMIN_PORT, internalPort: 0 },
  demo: { port: config.DEMO_PORT, internalPort: 0 },
});

/** For those who take whatever is free. */
export const anyPorts: StackPorts = {
  api: { port: 0, internalPort: 0 },
  realtime: { port: 0, internalPort: 0 },
  worker: { port: 0, internalPort: 0 },
  admin: { port: 0, internalPort: 0 },
  demo: { port: 0, internalPort: 0 },
};

export interface StackOptions {
  /** Where logs go. */
  home: string;
  /** Of api, realtime and worker each. */
  nodes: number;
  ports: StackPorts;
  /** What every process gets beside its ports: DATABASE_URL, ECHO_SECRET and what the operator set. */
  environment: Record<string, string>;
  /** What runs in the place of a kind's own main: for tests of drills, which plant faults. */
  mains?: Partial<Record<ProcessKind, string>> | undefined;
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
  /** One process of a kind beside those that run; `environment` comes on top of theirs. */
  add(kind: ProcessKind, environment: Record<string, string>): SupervisedProcess;
  /** Pages first, then realtime, so that nothing sees its API die. */
  stop(): Promise<void>;
}

/** @throws CliError that names the variable which moves the port */
export async function requireFreePorts(
  kinds: readonly ProcessKind[],
  ports: StackPorts,
  config: Pick<CliConfig, "ECHO_HOST" | "ECHO_INTERNAL_HOST">,
): Promise<void> {
  for (const kind of kinds) {
    const { portVariable, internalPortVariable } = processKinds[kind];
    await requireFreePort(portVariable, ports[kind].port, hostOf(kind, config));
    if (internalPortVariable) await requireFreePort(internalPortVariable, ports[kind].internalPort, "127.0.0.1");
  }
}

async function requireFreePort(variable: string, port: number, host: string): Promise<void> {
  if (port === 0 || (await isPortFree(port, host))) return;
  throw new CliError(
    `Port ${port} is in use: end what listens there, or set ${variable} to another (0: any free one).`,
  );
}

interface Launch {
  kind: ProcessKind;
  name: string;
  /** The first of its kind has the ports that were asked for. */
  isFirst: boolean;
  environment?: Record<string, string>;
}

function launch(options: StackOptions, { kind, name, isFirst, environment }: Launch): SupervisedProcess {
  const { portVariable, internalPortVariable } = processKinds[kind];
  const wanted = isFirst ? options.ports[kind] : { port: 0, internalPort: 0 };
  return new SupervisedProcess(
    {
      kind,
      name,
      main: options.mains?.[kind],
      log: openProcessLog(options.home, name, (line) => options.onWarning(`${name}: ${line}`)),
      environment: (ports) => ({
        ...options.environment,
        ...environment,
        [portVariable]: String(ports?.port ?? wanted.port),
        ...(internalPortVariable ? { [internalPortVariable]: String((ports ?? wanted).internalPort) } : {}),
      }),
    },
    options,
  );
}

/** Starts N of api, realtime and worker; `whenReady` tells when all that were started answer. */
export function startStack(options: StackOptions): Stack {
  const processes = (["api", "realtime", "worker"] as const).flatMap((kind) =>
    Array.from({ length: options.nodes }, (_, index) =>
      launch(options, { kind, name: options.nodes === 1 ? kind : `${kind}-${index + 1}`, isFirst: index === 0 }),
    ),
  );
  const of = (kind: ProcessKind) => processes.filter((each) => each.kind === kind);
  return {
    processes,
    of,
    add(kind, environment) {
      const added = launch(options, { kind, name: kind, isFirst: true, environment });
      processes.push(added);
      return added;
    },
    async whenReady() {
      await Promise.all(processes.map((each) => each.whenReady()));
    },
    async stop() {
      for (const kind of ProcessKind.options.toReversed()) await Promise.all(of(kind).map((each) => each.stop()));
    },
  };
}
