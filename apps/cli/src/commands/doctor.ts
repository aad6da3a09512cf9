import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { readCliConfig } from "../config.ts";
import { examine } from "../doctor/examine.ts";
import { formatTable } from "../stack/table.ts";
import type { Terminal } from "../terminal.ts";

export function registerDoctor(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description("Looks at processes, disk, database, migrations, secret and drivers, and says what is wrong")
    .option("--json", "print {ok, checks: {name, ok, detail}[]}")
    .action(({ json = false }: { json?: boolean }) => doctor(terminal, json));
}

async function doctor(terminal: Terminal, json: boolean): Promise<void> {
  const config = readCliConfig(terminal.env);
  const { ECHO_SECRET: givenSecret, ECHO_SECRET_PREVIOUS: previousSecret } = terminal.env;
  const checks = await examine({ config, givenSecret, previousSecret, note: terminal.note });
  const faults = checks.filter((check) => !check.ok);
  if (json) terminal.print(JSON.stringify({ ok: faults.length === 0, checks }));
  else terminal.print(formatTable(checks.map(({ name, ok, detail }) => [ok ? "ok" : "FAULT", name, detail])));
  if (faults.length > 0) throw new CliError(`${faults.length} of ${checks.length} checks found a fault.`);
}
