import { openQueueOperations } from "@echo/core";
import type { GroupState } from "@echo/platform";
import { type Command, InvalidArgumentError } from "commander";
import { withCommandCore } from "../stack/command-core.ts";
import { formatTable } from "../stack/table.ts";
import type { Terminal } from "../terminal.ts";

/** A position of the log, or a time. */
type Place = number | Date;

export function registerConsumers(program: Command, terminal: Terminal): void {
  const consumers = program.command("consumers").description("Who reads the event log, and how far");
  consumers
    .command("list")
    .description("Lists the groups with their position, lag and dead letters")
    .option("--json", "print {items}", false)
    .action(({ json }: { json: boolean }) => list(terminal, json));
  consumers
    .command("rewind")
    .description("Has a group take back what it did since, and handle it again; a running worker does it")
    .argument("<group>", "as consumers list names it")
    .requiredOption("--to <place>", "a position of the log, or a time (ISO 8601)", placeOf)
    .option("--json", "print {group, position}", false)
    .action((group: string, options: { to: Place; json: boolean }) => rewind(terminal, group, options));
}

function placeOf(text: string): Place {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const time = new Date(text);
  if (/^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError("a position of the log (a whole number), or a time like 2026-11-29T08:00:00Z");
}

async function list(terminal: Terminal, json: boolean): Promise<void> {
  const items = await withCommandCore(terminal, (core) => openQueueOperations(core).groups());
  terminal.print(json ? JSON.stringify({ items }) : formatTable([headings, ...items.map(rowOf)]));
}

const headings = ["group", "position", "behind", "seconds", "dead letters", "state"];

const rowOf = ({ group, position, events, seconds, deadLetters, rewindTo }: GroupState): string[] => [
  group,
  String(position),
  String(events),
  seconds.toFixed(1),
  String(deadLetters),
  rewindTo === null ? "" : `on its way back to ${rewindTo}`,
];

async function rewind(terminal: Terminal, group: string, { to, json }: { to: Place; json: boolean }): Promise<void> {
  const position = await withCommandCore(terminal, async (core) => {
    const queue = openQueueOperations(core);
    const position = typeof to === "number" ? to : await queue.positionBefore(to);
    await queue.rewind(group, position);
    return position;
  });
  terminal.print(
    json ? JSON.stringify({ group, position }) : `${group} goes back to position ${position}, or a little further.`,
  );
}
