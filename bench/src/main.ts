import { Command, InvalidArgumentError } from "commander";
import { rows } from "./rows/rows.ts";
import { runBench } from "./run-bench.ts";

const names = rows.map(({ name }) => name);

function rowName(word: string, before: string[] = []): string[] {
  if (!names.includes(word)) throw new InvalidArgumentError(`one of ${names.join(", ")}`);
  return [...before, word];
}

const program = new Command("bench")
  .description("Measures Echo beside what its users would pick instead, on this machine")
  .argument("[names...]", `rows to run; all of them otherwise: ${names.join(", ")}`, rowName)
  .option("--check", "at least 7 rounds; exits 1 when a bar is missed, 2 when a row cannot be judged", false)
  .option("--quick", "fewer rounds and smaller sizes, under two minutes: not a check", false)
  .option("--rounds <n>", "how many rounds", Number)
  .option("--cpu-prof <folder>", "has Echo's processes leave profiles of their CPU there: for looking, not for figures")
  .option("--no-redis", "leaves out the stages on two nodes that Redis joins")
  .action(
    async (
      chosen: string[],
      options: { check: boolean; quick: boolean; rounds?: number; redis: boolean; cpuProf?: string },
    ) => {
      process.exitCode = await runBench({
        names: chosen.length > 0 ? chosen : names,
        isCheck: options.check,
        isQuick: options.quick,
        rounds: options.rounds,
        redis: options.redis,
        cpuProf: options.cpuProf,
      });
    },
  );

await program.parseAsync();
