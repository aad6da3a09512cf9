import { isKillPoint, type KillPoint, killPoints } from "@echo/platform";
import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../cli-error.ts";
import {
  embeddedKillPoints,
  isFaultless,
  type KillDrillReport,
  needsKafka,
  runKillDrill,
} from "../drill/kill-drill.ts";
import { type MemoryDrillReport, runMemoryDrill } from "../drill/memory-drill.ts";
import type { Growth } from "../drill/memory-watch.ts";
import { readLog } from "../replay/read-log.ts";
import { withScratchStack } from "../replay/with-scratch-stack.ts";
import { nodeCount } from "../stack/node-count.ts";
import { wholeNumberOf } from "../stack/whole-number.ts";
import type { Terminal } from "../terminal.ts";

/** A process may hold so many times what it held after the first minute. */
const maxGrowth = 1.3;

interface MemoryFlags {
  minutes: number;
  nodes: number;
  json: boolean;
}

export function registerDrill(program: Command, terminal: Terminal): void {
  const drill = program
    .command("drill")
    .description("Puts a stack of its own under strain, and fails when it gives way");
  drill
    .command("memory")
    .description("Replays an IRC log in a loop with Redis stopped half of the time: no process may grow beyond 1.3 x")
    .argument("<file>", "a log, as of replay")
    .option("--minutes <n>", "how long, 2 to 600", minutesOf, 10)
    .option("--nodes <n>", "how many of each process", nodeCount, 2)
    .option("--json", "print the figures as JSON", false)
    .action((file: string, flags: MemoryFlags) => memory(terminal, file, flags));
  drill
    .command("kills")
    .description(
      "Kills processes with -9 at labelled points of their work while people talk, and compares with a ledger",
    )
    .option("--count <n>", "kills in all, spread evenly over the labels", countOf, 1_000)
    .option("--label <label>", `only at this point: ${killPoints.join(", ")}`, labelOf)
    .option("--seed <n>", "of what is random", wholeNumberOf)
    .option("--embedded", "without Redis and Kafka, and the points of the relay", false)
    .option("--json", "print the figures as JSON", false)
    .action((flags: KillFlags) => kills(terminal, flags));
}

interface KillFlags {
  count: number;
  label?: KillPoint;
  seed?: number;
  embedded: boolean;
  json: boolean;
}

async function kills(terminal: Terminal, { count, label, embedded, json, ...flags }: KillFlags): Promise<void> {
  const seed = flags.seed ?? Math.floor(Math.random() * 1e9);
  terminal.note(`seed ${seed}`);
  if (embedded && label && needsKafka(label)) throw new CliError(`Without Kafka nothing comes to ${label}.`);
  const points = label ? [label] : embedded ? embeddedKillPoints : killPoints;
  const report = await withScratchStack(terminal, { nodes: 1, withServices: !embedded }, (scratch) =>
    runKillDrill(scratch, { count, points, seed, note: terminal.note }),
  );
  terminal.print(json ? JSON.stringify({ ...report, seed }) : formatKills(report));
  if (!isFaultless(report)) throw new CliError("The drill found faults: the figures above say which.");
}

function formatKills({ kills, notReached, replays, faultyReplays, badMigrations, ...report }: KillDrillReport): string {
  const rows = Object.entries(kills).map(([point, made]) => `${point}: ${made} kills`);
  return [
    ...rows,
    `not reached: ${notReached}`,
    `replays: ${replays}, with faults: ${faultyReplays}`,
    `migrations that did not go on: ${badMigrations}`,
    `acknowledged to clients: ${JSON.stringify(report.acknowledged)}`,
    `in the log: ${JSON.stringify(report.logged)}`,
    `counted by consumers: ${JSON.stringify(report.counted)}`,
    ...(report.topics ? [`read from the topics: ${JSON.stringify(report.topics)}`] : []),
  ].join("\n");
}

function labelOf(text: string): KillPoint {
  if (isKillPoint(text)) return text;
  throw new InvalidArgumentError(`one of ${killPoints.join(", ")}`);
}

function countOf(text: string): number {
  const count = wholeNumberOf(text);
  if (count === 0) throw new InvalidArgumentError("a whole number above 0");
  return count;
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (!Number.isInteger(minutes) || minutes < 2 || minutes > 600)
    throw new InvalidArgumentError("a whole number from 2 to 600");
  return minutes;
}

async function memory(terminal: Terminal, file: string, { minutes, nodes, json }: MemoryFlags): Promise<void> {
  const { plan } = await readLog(file);
  const report = await withScratchStack(terminal, { nodes, withServices: true }, (scratch) =>
    runMemoryDrill(scratch, { plan, durationMs: minutes * 60_000, note: terminal.note }),
  );
  terminal.print(json ? JSON.stringify(report) : format(report));
  if (report.faulty > 0) throw new CliError(`${report.faulty} of ${report.replays} replays found faults.`);
  const grown = report.processes.filter(
    ({ atRest, atWork }) => growthOf(atRest) > maxGrowth || growthOf(atWork) > maxGrowth,
  );
  if (grown.length > 0) throw new CliError(`Beyond ${maxGrowth} x: ${grown.map(({ name }) => name).join(", ")}.`);
}

const growthOf = ({ before, after }: Growth): number => after / before;

function format({ processes, replays }: MemoryDrillReport): string {
  const mib = (kib: number) => (kib / 1_024).toFixed(0);
  const describe = (growth: Growth) =>
    `${mib(growth.before)} then at most ${mib(growth.after)} MiB (${growthOf(growth).toFixed(2)} x)`;
  const lines = processes.map(
    ({ name, atRest, atWork }) => `${name}: at rest ${describe(atRest)}, at work ${describe(atWork)}`,
  );
  return [`replays: ${replays}`, ...lines].join("\n");
}
