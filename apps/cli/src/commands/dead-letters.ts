import { openQueueOperations } from "@echo/core";
import type { DeadLetter } from "@echo/platform";
import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { CliError } from "../cli-error.ts";
import { withCommandCore } from "../stack/command-core.ts";
import { formatTable } from "../stack/table.ts";
import type { Terminal } from "../terminal.ts";

export function registerDeadLetters(program: Command, terminal: Terminal): void {
  const letters = program.command("dead-letters").description("Records that a consumer could not handle");
  letters
    .command("list")
    .description("Lists them, the oldest first")
    .option("--limit <n>", "how many, 1 to 1,000", limitOf, 100)
    .option("--json", "print {items}", false)
    .action((options: { limit: number; json: boolean }) => list(terminal, options));
  letters
    .command("replay")
    .description("Asks for one more attempt; a running worker makes it")
    .argument("[id]", "as dead-letters list names it", idOf)
    .option("--all", "at every one", false)
    .option("--json", "print {requested}", false)
    .action((id: string | undefined, options: { all: boolean; json: boolean }) => replay(terminal, id, options));
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new InvalidArgumentError("1 to 1,000");
  return limit;
}

function idOf(text: string): string {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError("an id as dead-letters list names it");
  return text;
}

async function list(terminal: Terminal, { limit, json }: { limit: number; json: boolean }): Promise<void> {
  const items = await withCommandCore(terminal, (core) => openQueueOperations(core).deadLetters(limit));
  if (json) terminal.print(JSON.stringify({ items }));
  else if (items.length === 0) terminal.print("There is none.");
  else terminal.print(formatTable([headings, ...items.map(rowOf)]));
}

const headings = ["id", "group", "type", "position", "failed", "attempts", "error"];

const rowOf = ({ id, group, record, failedAt, attempts, error }: DeadLetter): string[] => [
  id,
  group,
  record.type,
  String(record.position),
  failedAt.toISOString(),
  String(attempts),
  error.split("\n", 1)[0] ?? "",
];

async function replay(
  terminal: Terminal,
  id: string | undefined,
  { all, json }: { all: boolean; json: boolean },
): Promise<void> {
  if ((id === undefined) !== all) throw new CliError("Name one dead letter, or say --all.");
  const requested = await withCommandCore(terminal, (core) =>
    openQueueOperations(core).replay(id === undefined ? "all" : [id]),
  );
  if (id !== undefined && requested === 0) throw new CliError("No dead letter has this id.");
  terminal.print(json ? JSON.stringify({ requested }) : `${requested} will be tried again.`);
}
