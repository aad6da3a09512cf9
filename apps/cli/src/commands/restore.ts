import { resolve } from "node:path";
import { restoreEmbedded } from "@echo/db";
import type { Command } from "commander";
import { withStoppedHome } from "../stack/stopped-home.ts";
import type { Terminal } from "../terminal.ts";

export function registerRestore(program: Command, terminal: Terminal): void {
  program
    .command("restore")
    .description("Brings an archive of backup back into an ECHO_HOME without a database; clients start anew from it")
    .argument("<file>", "an archive of backup")
    .action((file: string) =>
      withStoppedHome(terminal, "restore", async ({ home }) => {
        await restoreEmbedded({ home, file: resolve(file) });
        terminal.print(`Restored into ${home}, with a new epoch: clients list anew instead of going on.`);
      }),
    );
}
