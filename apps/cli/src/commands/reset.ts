import { rm } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { removeEmbedded } from "@echo/db";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withStoppedHome } from "../stack/stopped-home.ts";
import type { Terminal } from "../terminal.ts";

export function registerReset(program: Command, terminal: Terminal): void {
  program
    .command("reset")
    .description("Deletes ECHO_HOME: database, secret and logs")
    .option("--yes", "do not ask")
    .action(({ yes = false }: { yes?: boolean }) =>
      withStoppedHome(terminal, "reset", async ({ home }) => {
        if (!yes && !(await isMeant(home))) throw new CliError("Nothing was deleted.");
        await removeEmbedded({ home });
        await rm(home, { recursive: true, force: true });
        terminal.print(`${home} is gone; the next start begins anew.`);
      }),
    );
}

/** Asks at a terminal; a script that calls reset means it. */
async function isMeant(home: string): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const question = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test(await question.question(`Delete everything in ${home}? [y/N] `));
  } finally {
    question.close();
  }
}
