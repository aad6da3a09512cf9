import { type Command, InvalidArgumentError } from "commander";
import { CliError } from "../cli-error.ts";
import { chaosOf, describeBlow, planChaos } from "../replay/chaos.ts";
import { openProgress } from "../replay/progress.ts";
import { readLog } from "../replay/read-log.ts";
import { areTopicsFlawless, formatReport, isFlawless, type ReplayReport } from "../replay/report.ts";
import { runReplay } from "../replay/run-replay.ts";
import { openTopicReader } from "../replay/topic-reader.ts";
import { withScratchStack } from "../replay/with-scratch-stack.ts";
import { nodeCount } from "../stack/node-count.ts";
import { wholeNumberOf } from "../stack/whole-number.ts";
import type { Terminal } from "../terminal.ts";

interface ReplayFlags {
  nodes: number;
  speed?: number;
  chaos?: boolean;
  services?: boolean;
  seed?: number;
  json?: boolean;
}

export function registerReplay(program: Command, terminal: Terminal): void {
  program
    .command("replay")
    .description(
      "Replays an IRC log through the public doors of a stack of its own, and compares what everybody received",
    )
    .argument("<file>", "a log; its reply links are looked for beside it as .annotation.txt")
    .option("--nodes <n>", "how many of each process", nodeCount, 1)
    .option("--speed <x>", "times the log's own clock; default: as fast as answered", speedOf)
    .option("--services", "on Redis and Kafka: REDIS_URL and KAFKA_BROKERS, or this machine's own")
    .option(
      "--chaos",
      "kill -9 of processes at random moments; with --services Redis freezes, PostgreSQL restarts and Kafka is away for a minute",
    )
    .option("--seed <n>", "of the random moments", wholeNumberOf)
    .option("--json", "print the figures as JSON")
    .action((file: string, flags: ReplayFlags) => replay(terminal, file, flags));
}

function speedOf(text: string): number {
  const speed = Number(text);
  if (!Number.isFinite(speed) || speed <= 0) throw new InvalidArgumentError("a number above 0");
  return speed;
}

async function replay(terminal: Terminal, file: string, flags: ReplayFlags): Promise<void> {
  const { plan, skippedLines } = await readLog(file);
  const seed = flags.seed ?? Math.floor(Math.random() * 1e9);
  const withServices = flags.services === true;
  const blows = flags.chaos ? planChaos({ messages: plan.says, nodes: flags.nodes, seed, withServices }) : [];
  if (flags.chaos) terminal.note(`seed ${seed}: ${blows.map(describeBlow).join(", ")}`);
  const progress = openProgress();
  const started = Date.now();
  const replaying = withScratchStack(terminal, { nodes: flags.nodes, withServices }, async (scratch) => {
    const reader = scratch.kafka && openTopicReader(scratch.kafka.options);
    try {
      const figures = await runReplay({
        apiUrls: scratch.apiUrls,
        realtimeUrls: scratch.realtimeUrls,
        plan,
        speed: flags.speed ?? null,
        beforeMessage: chaosOf(blows, scratch.strike),
        onSaid: (messageId) => reader?.said(messageId),
        onProgress: progress.update,
      });
      return { ...figures, topics: reader && (await reader.settle()) };
    } finally {
      await reader?.stop();
    }
  });
  const figures = await replaying.finally(() => progress.stop());
  const seconds = (Date.now() - started) / 1_000;
  const report: ReplayReport = { messages: plan.says, users: plan.people.length, skippedLines, ...figures, seconds };
  terminal.print(flags.json ? JSON.stringify({ ...report, seed, blows }) : formatReport(report));
  if (!isFlawless(report) || !areTopicsFlawless(report.topics))
    throw new CliError("The replay found faults: the figures above say which.");
}
