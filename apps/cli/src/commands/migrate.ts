import { armKillPoint } from "@echo/platform";
import type { Command } from "commander";
import { readCliConfig } from "../config.ts";
import { migrateDatabase, openDatabase } from "../stack/database.ts";
import { requireSecret } from "../stack/secret.ts";
import type { Terminal } from "../terminal.ts";

export function registerMigrate(program: Command, terminal: Terminal): void {
  program
    .command("migrate")
    .description("Applies pending migrations to DATABASE_URL, or to the database of ECHO_HOME")
    .action(async () => {
      const config = readCliConfig(terminal.env);
      if (config.ECHO_KILL_AT) armKillPoint(config.ECHO_KILL_AT);
      // A database of the folder without the folder's secret would be refused by whatever comes next.
      if (config.isEmbedded) await requireSecret(config, terminal.env.ECHO_SECRET);
      const database = await openDatabase(config, terminal.note);
      try {
        await migrateDatabase(database, terminal.print);
        terminal.print("The schema is up to date.");
      } finally {
        await database.close();
      }
    });
}
