import { type CliConfig, readCliConfig } from "../config.ts";
import { freePort } from "../stack/free-port.ts";
import { keepDatabase } from "../stack/keep-database.ts";
import { ProcessKind, processKinds } from "../stack/process-kinds.ts";
import { removeRunFile } from "../stack/run-file.ts";
import { configuredPorts, type StackPorts } from "../stack/stack.ts";
import { withHome } from "../stack/with-home.ts";
import { hasSignInLinks, signInLinks } from "../staff/sign-in-link.ts";
import type { Terminal } from "../terminal.ts";
import { appEnvironment } from "./app-environment.ts";
import { removeDevFile, writeDevFile } from "./dev-file.ts";
import { stopWhenUnused } from "./stop-when-unused.ts";
import { tellWhatAnswers } from "./tell-what-answers.ts";

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
    const stopKeeping = keepDatabase(terminal, database);
    try {
      await writeDevFile(config.home, { pid: process.pid, environment, hasDemo });
      void tellWhatAnswers({
        terminal,
        config,
        ports,
        database,
        hasDemo,
        consoleUrl,
        makeSignInLink: signInLinks({ config, secret, database }, consoleUrl),
        signal: ending.signal,
      });
      await end;
    } finally {
      ending.abort();
      stopKeeping();
      await removeDevFile(config.home);
      await removeRunFile(config.home);
      if (database.embedded) await stopWhenUnused(config.home, database.embedded);
    }
  });
}

/** An app keeps its port when it is started anew, and the others know it before it listens. */
async function fixedPorts(config: CliConfig): Promise<StackPorts> {
  const chosen = async (port: number, host: string) => port || (await freePort(host));
  const ports = configuredPorts(config);
  for (const kind of ProcessKind.options) {
    const { port, internalPort } = ports[kind];
    ports[kind] = {
      port: await chosen(port, config.ECHO_HOST),
      internalPort: processKinds[kind].internalPortVariable ? await chosen(internalPort, "127.0.0.1") : 0,
    };
  }
  return ports;
}
