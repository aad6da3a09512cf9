import { systemClock } from "@echo/platform";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { type CliConfig, readCliConfig } from "../config.ts";
import { examine } from "../doctor/examine.ts";
import { type Finding, fine, look } from "../doctor/finding.ts";
import { formatFindings } from "../doctor/format-findings.ts";
import { readRunFile } from "../stack/run-file.ts";
import type { Terminal } from "../terminal.ts";

export function registerDoctor(program: Command, terminal: Terminal): void {
  program
    .command("doctor")
    .description("Looks at everything that Echo needs, changes nothing, and names the command that mends what is wrong")
    .option("--json", "print {ok, checks: {name, ok, detail, level, mend?}[]}", false)
    .action((options: { json: boolean }) => doctor(terminal, options));
}

async function doctor(terminal: Terminal, { json }: { json: boolean }): Promise<void> {
  const findings = await findAll(terminal);
  const ok = findings.every((finding) => finding.ok);
  terminal.print(json ? JSON.stringify({ ok, checks: findings }) : formatFindings(findings));
  if (ok) return;
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  throw new CliError(`${findings.length} checks: ${count("fault")} faults, ${count("warning")} warnings.`);
}

/** A configuration that can't be read is the one finding: everything else depends on it. */
async function findAll({ env, note }: Terminal): Promise<Finding[]> {
  let config: CliConfig | null = null;
  const finding = await look({
    name: "configuration",
    mend: "unset NAME, or set it to what it must be",
    work: () => {
      config = readCliConfig(env);
      return fine(config.isEmbedded ? `embedded, in ${config.home}` : `DATABASE_URL; logs in ${config.home}`);
    },
  });
  if (config === null) return [finding];
  const run = await readRunFile((config as CliConfig).home);
  return [finding, ...(await examine({ env, config, run, clock: systemClock, note }))];
}
