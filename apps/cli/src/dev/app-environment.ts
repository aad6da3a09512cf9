import { embeddedEnvironment } from "@echo/platform";
import type { CliConfig } from "../config.ts";
import { demoLimits } from "../demo/limits.ts";
import type { OpenDatabase } from "../stack/database.ts";
import { hostAndPort, ProcessKind, processKinds } from "../stack/process-kinds.ts";
import type { StackPorts } from "../stack/stack.ts";
import type { Terminal } from "../terminal.ts";

interface Known {
  terminal: Terminal;
  config: CliConfig;
  ports: StackPorts;
  secret: string;
  database: OpenDatabase;
  hasDemo: boolean;
}

/** What an app gets on top of the developer's variables: where everything is, and what he left open. */
export function appEnvironment({ terminal, config, ports, secret, database, hasDemo }: Known): Record<string, string> {
  const at = (kind: ProcessKind) => hostAndPort(config.ECHO_HOST, ports[kind].port);
  const defaults = {
    ...(config.isEmbedded ? { ...embeddedEnvironment, DATABASE_URL: database.url } : {}),
    ECHO_SECRET: secret,
    ECHO_API_URL: `http://${at("api")}`,
    ECHO_REALTIME_URL: `ws://${at("realtime")}`,
    ECHO_CONSOLE_URL: `http://${at("admin")}`,
    ...(hasDemo ? { ECHO_LIMITS: JSON.stringify(demoLimits) } : {}),
  };
  const open = Object.entries(defaults).filter(([name]) => !terminal.env[name]);
  return { ...Object.fromEntries(open), ECHO_HOME: config.home, ...portVariables(ports) };
}

function portVariables(ports: StackPorts): Record<string, string> {
  const pairs = ProcessKind.options.flatMap((kind) => {
    const { portVariable, internalPortVariable } = processKinds[kind];
    const { port, internalPort } = ports[kind];
    return [[portVariable, port] as const, ...(internalPortVariable ? [[internalPortVariable, internalPort]] : [])];
  });
  return Object.fromEntries(pairs.map(([name, port]) => [name, String(port)]));
}
