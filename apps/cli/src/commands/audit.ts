import { type AuditVerdict, verifyAudit } from "@echo/core/staff";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withCommandCore } from "../stack/command-core.ts";
import type { Terminal } from "../terminal.ts";

interface VerifyOptions {
  expect?: string;
  json: boolean;
}

export function registerAudit(program: Command, terminal: Terminal): void {
  program
    .command("audit")
    .description("The log of what the staff did")
    .command("verify")
    .description("Follows the chain of the audit log and tells the first row that is not what was written")
    .option("--expect <COUNT:HMAC>", "a head that was printed or logged before: finds an older state that was put back")
    .option("--json", "print {ok, count, head} or {ok, seq, reason}", false)
    .action((options: VerifyOptions) => verify(terminal, options));
}

async function verify(terminal: Terminal, { expect, json }: VerifyOptions): Promise<void> {
  const verdict = await withCommandCore(terminal, (core) => verifyAudit(core, expect));
  terminal.print(json ? JSON.stringify(verdict) : sentenceOf(verdict));
  if (!verdict.ok) throw new CliError("The audit log is not as it was written.");
}

const sentenceOf = (verdict: AuditVerdict): string =>
  verdict.ok ? `${verdict.count} rows, head ${verdict.head}` : `first bad seq ${verdict.seq}: ${verdict.reason}`;
