import { rm } from "node:fs/promises";
import { removeEmbedded } from "@echo/db";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withStoppedHome } from "../stack/stopped-home.ts";
import type { Terminal } from "../terminal.ts";

export function registerReset(program: Command, terminal: Terminal): void {
  program
    .command("reset")
    .description("Deletes ECHO_HOME: database, secret and logs")
    .option("--yes", "delete without another word")
    .action(({ yes = false }: { yes?: boolean }) =>
      withStoppedHome(terminal, "reset", async ({ home }) => {
        if (!yes) throw new CliError(`This deletes everything in ${home}. Run "echoctl reset --yes" when you mean it.`);
        await removeEmbedded({ home });
        await rm(home, { recursive: true, force: true });
        terminal.print(`${home} is gone; the next start begins anew.`);
      }),
    );
}
