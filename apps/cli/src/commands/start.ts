import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { type CliConfig, readCliConfig } from "../config.ts";
import { demoLimits } from "../demo/limits.ts";
import { freePort } from "../stack/free-port.ts";
import { ensureTopics } from "../stack/kafka.ts";
import { nodeCount } from "../stack/node-count.ts";
import type { WantedPages } from "../stack/pages.ts";
import { hostAndPort, type ProcessKind } from "../stack/process-kinds.ts";
import { runStack } from "../stack/run-stack.ts";
import { configuredPorts, type StackPorts } from "../stack/stack.ts";
import { whenAsked } from "../stack/when-asked.ts";
import { withHome } from "../stack/with-home.ts";
import { hasSignInLinks, signInLinks } from "../staff/sign-in-link.ts";
import type { Terminal } from "../terminal.ts";

interface StartOptions extends WantedPages {
  nodes: number;
}

export function registerStart(program: Command, terminal: Terminal): void {
  program
    .command("start")
    .description("Starts and supervises everything, on an embedded PostgreSQL unless DATABASE_URL is set")
    .option("--nodes <n>", "how many of each process", nodeCount, 1)
    .option("--demo", "also serves a page on which two people talk", false)
    .option("--no-console", "leaves the admin console out")
    .action((options: StartOptions) => start(terminal, options));
}

async function start(terminal: Terminal, options: StartOptions): Promise<void> {
  const config = readCliConfig(terminal.env);
  if (options.demo && !hasSignInLinks(config)) {
    throw new CliError("--demo hands out its people's passwords: it runs on the embedded database and loopback alone.");
  }
  const end = whenAsked();
  if (config.KAFKA_BROKERS) await ensureTopics(config, terminal.note);
  const ports = await portsOf(config);
  const kinds: ProcessKind[] = ["api", "realtime", "worker"];
  if (options.console) kinds.push("admin");
  if (options.demo) kinds.push("demo");
  await withHome({ terminal, config, kinds, ports }, async ({ secret, database }) => {
    const { environment, consoleUrl } = environmentOf({ terminal, config, ports, options });
    const makeSignInLink = signInLinks({ config, secret, database }, consoleUrl);
    const { nodes } = options;
    const known = { terminal, config, ports, nodes, secret, database, environment };
    await runStack({ ...known, pages: options, makeSignInLink, end });
  });
}

/** The console's is known before it listens: its origin is what the API accepts. */
async function portsOf(config: CliConfig): Promise<StackPorts> {
  const ports = configuredPorts(config);
  return { ...ports, admin: { ...ports.admin, port: ports.admin.port || (await freePort(config.ECHO_HOST)) } };
}

interface Known {
  terminal: Terminal;
  config: CliConfig;
  ports: StackPorts;
  options: StartOptions;
}

/** What a start adds to the operator's variables. */
function environmentOf({ terminal, config, ports, options }: Known) {
  const consoleUrl = terminal.env.ECHO_CONSOLE_URL ?? `http://${hostAndPort(config.ECHO_HOST, ports.admin.port)}`;
  const environment: Record<string, string> = { ECHO_CONSOLE_URL: consoleUrl };
  if (options.demo && !terminal.env.ECHO_LIMITS) {
    environment.ECHO_LIMITS = JSON.stringify(demoLimits);
    terminal.note(`limits of the demo: ${environment.ECHO_LIMITS}`);
  }
  return { environment, consoleUrl };
}
