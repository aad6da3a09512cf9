import { bootstrapStaff, type ListedStaff, listStaff } from "@echo/core/staff";
import type { Command } from "commander";
import { renderUnicodeCompact } from "uqr";
import { CliError } from "../cli-error.ts";
import { type CliConfig, readCliConfig } from "../config.ts";
import { withCommandCore } from "../stack/command-core.ts";
import { hostAndPort } from "../stack/process-kinds.ts";
import { readRunFile } from "../stack/run-file.ts";
import { formatTable } from "../stack/table.ts";
import { askPassword, readPassword } from "../staff/ask-password.ts";
import { freshSignInLink, hasSignInLinks } from "../staff/sign-in-link.ts";
import type { Terminal } from "../terminal.ts";

export function registerStaff(program: Command, terminal: Terminal): void {
  const staff = program.command("staff").description("Who may use the console");
  staff
    .command("link")
    .description(
      "Prints a fresh sign-in link of the local admin: embedded database, on loopback; once, within 15 minutes",
    )
    .action(() => link(terminal));
  staff
    .command("bootstrap")
    .description("Makes the first admin, with password and authenticator; only while there is no staff")
    .requiredOption("--email <address>", "to sign in with")
    .requiredOption("--name <name>", "as the console shows it")
    .option("--password-stdin", "read the password from standard input instead of asking for it", false)
    .option("--json", "print {uri, secret}", false)
    .action((options: BootstrapOptions) => bootstrap(terminal, options));
  staff
    .command("list")
    .description("Lists the staff, the oldest first")
    .option("--json", "print {items}", false)
    .action((options: { json: boolean }) => list(terminal, options));
}

async function link(terminal: Terminal): Promise<void> {
  const config = readCliConfig(terminal.env);
  if (!hasSignInLinks(config)) {
    throw new CliError(
      'Sign-in links are for the embedded database with ECHO_HOST on loopback; elsewhere "echoctl staff bootstrap" makes the first admin, who signs in with a password.',
    );
  }
  const consoleUrl = terminal.env.ECHO_CONSOLE_URL ? config.ECHO_CONSOLE_URL : await presentConsoleUrl(config);
  terminal.print(await withCommandCore(terminal, (core) => freshSignInLink(core, consoleUrl)));
}

/** Where the console answers, or will. */
async function presentConsoleUrl({ home, ADMIN_PORT, ECHO_HOST }: CliConfig): Promise<string> {
  const port = (await readRunFile(home))?.ports.admin ?? ADMIN_PORT;
  if (port === 0) throw new CliError("The console's port is not known: start Echo first, or set ADMIN_PORT.");
  return `http://${hostAndPort(ECHO_HOST, port)}`;
}

interface BootstrapOptions {
  email: string;
  name: string;
  passwordStdin: boolean;
  json: boolean;
}

async function bootstrap(terminal: Terminal, { email, name, passwordStdin, json }: BootstrapOptions): Promise<void> {
  const password = passwordStdin ? await readPassword() : await askPassword();
  const { enrollment, consoleUrl } = await withCommandCore(terminal, async (core) => ({
    enrollment: await bootstrapStaff(core, { email, name, password, requestId: "echoctl" }),
    consoleUrl: core.config.consoleUrl,
  }));
  const { uri, secret } = enrollment;
  if (json) terminal.print(JSON.stringify(enrollment));
  else
    terminal.print(
      formatTable([
        ["otpauth", uri],
        ["secret", secret],
      ]),
    );
  if (!json && process.stdout.isTTY) terminal.print(renderUnicodeCompact(uri, { border: 2 }));
  terminal.note(
    "Put the secret into an authenticator now: it is not shown again, and no sign-in is complete without it.",
  );
  if (!consoleUrl.startsWith("https:")) {
    terminal.note("The console takes passwords over https alone: set ECHO_CONSOLE_URL to its https address.");
  }
}

async function list(terminal: Terminal, { json }: { json: boolean }): Promise<void> {
  const items = await withCommandCore(terminal, (core) => listStaff(core));
  if (json) terminal.print(JSON.stringify({ items }));
  else if (items.length === 0) terminal.print("There is no staff yet.");
  else terminal.print(formatTable([["name", "e-mail", "role", "proves itself by", "last seen"], ...items.map(rowOf)]));
}

const rowOf = ({ name, email, role, isLocal, factors, disabledAt, lastSeenAt }: ListedStaff): string[] => [
  name,
  email ?? "",
  disabledAt === null ? role : `${role}, disabled`,
  [...(isLocal ? ["link"] : []), ...factors].join(", "),
  lastSeenAt ?? "never",
];
