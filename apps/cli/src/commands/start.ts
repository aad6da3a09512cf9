import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { type CliConfig, readCliConfig } from "../config.ts";
import { demoLimits } from "../demo/limits.ts";
import { withCore } from "../stack/command-core.ts";
import { migrateDatabase, openDatabase } from "../stack/database.ts";
import { freePort } from "../stack/free-port.ts";
import { lockHome } from "../stack/lock.ts";
import { makeHome } from "../stack/make-home.ts";
import { nodeCount } from "../stack/node-count.ts";
import type { WantedPages } from "../stack/pages.ts";
import { hostAndPort } from "../stack/process-kinds.ts";
import { runStack } from "../stack/run-stack.ts";
import { requireSameSecret, requireSecret } from "../stack/secret.ts";
import { requireFreePorts, type StackPorts } from "../stack/stack.ts";
import { freshSignInLink, hasSignInLinks } from "../staff/sign-in-link.ts";
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
  const isLocal = hasSignInLinks(config);
  if (options.demo && !isLocal) {
    throw new CliError("--demo hands out its people's passwords: it runs on the embedded database and loopback alone.");
  }
  const end = whenAsked();
  await makeHome(config.home);
  const lock = await lockHome(config.home);
  if (!lock)
    throw new CliError(`Echo already runs in ${config.home}: stop it first, or set ECHO_HOME to another folder.`);
  try {
    const ports = await portsOf(config);
    await requireFreePorts(
      ["api", "realtime", ...(options.console ? ["admin" as const] : []), ...(options.demo ? ["demo" as const] : [])],
      ports,
      config.ECHO_HOST,
    );
    const secret = await requireSecret(config, terminal.env.ECHO_SECRET);
    const database = await openDatabase(config, terminal.note);
    try {
      await migrateDatabase(database, terminal.note);
      await requireSameSecret(database, { secret, previous: terminal.env.ECHO_SECRET_PREVIOUS });
      const { environment, consoleUrl } = environmentOf({ terminal, config, ports, options });
      const makeSignInLink = isLocal
        ? () => withCore({ config, secret, database }, (core) => freshSignInLink(core, consoleUrl))
        : null;
      const { nodes } = options;
      const known = { terminal, config, ports, nodes, secret, database, environment };
      await runStack({ ...known, pages: options, makeSignInLink, end });
    } finally {
      // Whoever started it: a start that ends takes the database of its folder with it.
      await database.embedded?.stop();
    }
  } finally {
    await lock.release();
  }
}

/** The console's is known before it listens: its origin is what the API accepts. */
const portsOf = async (config: CliConfig): Promise<StackPorts> => ({
  api: { port: config.API_PORT, internalPort: config.API_INTERNAL_PORT },
  realtime: { port: config.REALTIME_PORT, internalPort: config.REALTIME_INTERNAL_PORT },
  admin: { port: config.ADMIN_PORT || (await freePort(config.ECHO_HOST)), internalPort: 0 },
  demo: { port: config.DEMO_PORT, internalPort: 0 },
});

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
