import { Command } from "commander";
import { registerAudit } from "./commands/audit.ts";
import { registerBackup } from "./commands/backup.ts";
import { registerConsumers } from "./commands/consumers.ts";
import { registerDeadLetters } from "./commands/dead-letters.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerDrill } from "./commands/drill.ts";
import { registerMigrate } from "./commands/migrate.ts";
import { registerReplay } from "./commands/replay.ts";
import { registerReset } from "./commands/reset.ts";
import { registerRestore } from "./commands/restore.ts";
import { registerRun } from "./commands/run.ts";
import { registerServices } from "./commands/services.ts";
import { registerStaff } from "./commands/staff.ts";
import { registerStart } from "./commands/start.ts";
import { registerTopics } from "./commands/topics.ts";
import { explain } from "./explain.ts";
import type { Terminal } from "./terminal.ts";

const terminal: Terminal = {
  env: process.env,
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
};

const program = new Command("echoctl")
  .description("Starts, cares for and tests an Echo system")
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode));

for (const register of [
  registerStart,
  registerRun,
  registerMigrate,
  registerDoctor,
  registerStaff,
  registerAudit,
  registerConsumers,
  registerDeadLetters,
  registerReplay,
  registerDrill,
  registerBackup,
  registerRestore,
  registerReset,
  registerServices,
  registerTopics,
]) {
  register(program, terminal);
}

try {
  await program.parseAsync();
} catch (error) {
  terminal.note(explain(error));
  process.exit(1);
}
