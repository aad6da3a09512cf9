import { type CliConfig, readCliConfig } from "../config.ts";
import { withCore } from "../stack/command-core.ts";
import type { OpenDatabase } from "../stack/database.ts";
import { freePort } from "../stack/free-port.ts";
import { ProcessKind } from "../stack/process-kinds.ts";
import { removeRunFile } from "../stack/run-file.ts";
import type { StackPorts } from "../stack/stack.ts";
import { withHome } from "../stack/with-home.ts";
import { freshSignInLink, hasSignInLinks } from "../staff/sign-in-link.ts";
import type { Terminal } from "../terminal.ts";
import { appEnvironment } from "./app-environment.ts";
import { removeDevFile, writeDevFile } from "./dev-file.ts";
import { stopWhenUnused } from "./stop-when-unused.ts";
import { tellWhatAnswers } from "./tell-what-answers.ts";

const databaseLookMs = 1_000;

/**
 * Holds ECHO_HOME for the apps of `turbo dev` as `start` does for its processes: lock, ports, secret, database. What the
 * apps must know is in dev.json while they shall run. @throws CliError
 */
export async function keepHome(terminal: Terminal, end: Promise<null>): Promise<void> {
  const config = readCliConfig(terminal.env);
  const ports = await fixedPorts(config);
  const hasDemo = hasSignInLinks(config);
  const kinds = ProcessKind.options.filter((kind) => kind !== "demo" || hasDemo);
  await removeDevFile(config.home);
  await withHome({ terminal, config, kinds, ports }, async ({ secret, database }) => {
    const environment = appEnvironment({ terminal, config, ports, secret, database, hasDemo });
    const consoleUrl = environment.ECHO_CONSOLE_URL ?? "";
    const ending = new AbortController();
    const watch = setInterval(() => void keepDatabase(terminal, database), databaseLookMs);
    try {
      await writeDevFile(config.home, { pid: process.pid, environment, hasDemo });
      void tellWhatAnswers({
        terminal,
        config,
        ports,
        database,
        hasDemo,
        consoleUrl,
        makeSignInLink: hasSignInLinks(config)
          ? () => withCore({ config, secret, database }, (core) => freshSignInLink(core, consoleUrl))
          : null,
        signal: ending.signal,
      });
      await end;
    } finally {
      ending.abort();
      clearInterval(watch);
      await removeDevFile(config.home);
      await removeRunFile(config.home);
      if (database.embedded) await stopWhenUnused(config.home, database.embedded);
    }
  });
}

/** An app keeps its port when it is started anew, and the others know it before it listens. */
async function fixedPorts(config: CliConfig): Promise<StackPorts> {
  const { ECHO_HOST: host } = config;
  const chosen = async (port: number, on = host) => port || (await freePort(on));
  return {
    api: { port: await chosen(config.API_PORT), internalPort: await chosen(config.API_INTERNAL_PORT, "127.0.0.1") },
    realtime: {
      port: await chosen(config.REALTIME_PORT),
      internalPort: await chosen(config.REALTIME_INTERNAL_PORT, "127.0.0.1"),
    },
    admin: { port: await chosen(config.ADMIN_PORT), internalPort: 0 },
    demo: { port: await chosen(config.DEMO_PORT), internalPort: 0 },
  };
}

/** A database that died comes back on its port; the apps reconnect by themselves. */
async function keepDatabase(terminal: Terminal, { embedded }: OpenDatabase): Promise<void> {
  try {
    await embedded?.ensureRunning();
  } catch (error) {
    terminal.note(`PostgreSQL: ${error instanceof Error ? error.message : String(error)}`);
  }
}
