import type { TopicFault } from "@echo/platform";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { readCliConfig } from "../config.ts";
import { withConfiguredTopics } from "../stack/kafka.ts";
import type { Terminal } from "../terminal.ts";

interface Options {
  check: boolean;
  json: boolean;
}

export function registerTopics(program: Command, terminal: Terminal): void {
  program
    .command("topics")
    .description("Makes the topics that are missing in Kafka, and tells what is not as it must be")
    .option("--check", "make none", false)
    .option("--json", "print {made, faults}", false)
    .action((options: Options) => topics(terminal, options));
}

async function topics(terminal: Terminal, options: Options): Promise<void> {
  const { made, faults } = await withConfiguredTopics(readCliConfig(terminal.env), async ({ create, check }) => ({
    made: options.check ? [] : await create(),
    faults: await check(),
  }));
  if (options.json) terminal.print(JSON.stringify({ made, faults }));
  else tell(terminal, made, faults);
  if (faults.length > 0) throw new CliError("Not all topics are as they must be.");
}

function tell({ print }: Terminal, made: readonly string[], faults: readonly TopicFault[]): void {
  for (const topic of made) print(`Made the topic ${topic}.`);
  for (const { topic, fault } of faults) print(`${topic}: ${fault}`);
  if (faults.length === 0) print("The topics are as they must be.");
}
