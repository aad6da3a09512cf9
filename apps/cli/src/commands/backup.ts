import { resolve } from "node:path";
import { backupEmbedded } from "@echo/db";
import type { Command } from "commander";
import { withStoppedHome } from "../stack/stopped-home.ts";
import type { Terminal } from "../terminal.ts";

export function registerBackup(program: Command, terminal: Terminal): void {
  program
    .command("backup")
    .description("Writes the stopped database of ECHO_HOME and its secret into one archive")
    .argument("<file>", "a new file, .tar.gz")
    .action((file: string) =>
      withStoppedHome(terminal, "backup", async ({ home }) => {
        await backupEmbedded({ home, file: resolve(file) });
        terminal.print(`${resolve(file)} holds the database and its secret: keep it where nobody else reads it.`);
      }),
    );
}
