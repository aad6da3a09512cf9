import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { findPostgres15 } from "./find-postgres-15.ts";

const root = join(import.meta.dirname, "../../..");

/** Somebody who does what a section of docs/operate.md says, in a folder of his own. */
export interface Operator extends AsyncDisposable {
  /** Runs the commands of a step as they stand there, and answers what they printed; 0 is what stands before step 1. */
  run(step: number, env: Readonly<Record<string, string>>): Promise<string>;
}

/** With echoctl and the programs of PostgreSQL 15 at hand. @throws Error when there is no such section */
export async function startOperator(heading: string): Promise<Operator> {
  const steps = commandsOf(await readFile(join(root, "docs/operate.md"), "utf8"), heading);
  const folder = await mkdtemp(join(tmpdir(), "echo-operator-"));
  return {
    async run(step, env) {
      const commands = steps[step];
      if (!commands) throw new Error(`docs/operate.md has no commands at step ${step} of "${heading}"`);
      const { PATH = "", ...inherited } = process.env;
      const path = [join(root, "node_modules/.bin"), findPostgres15() ?? "", PATH].join(delimiter);
      const options = { cwd: folder, env: { ...inherited, ECHO_HOME: folder, ...env, PATH: path } };
      return (await promisify(execFile)("/bin/sh", ["-ec", commands], options)).stdout;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** By step: the lines of its fenced blocks. */
function commandsOf(page: string, heading: string): string[] {
  const [, rest] = page.split(`\n## ${heading}\n`);
  if (rest === undefined) throw new Error(`docs/operate.md has no section "${heading}"`);
  const [section = ""] = rest.split(/\n##+ /, 1);
  const blocks = /^ *```\n([\s\S]*?)^ *```$/gm;
  return section.split(/\n(?=\d+\. )/).map((step) => [...step.matchAll(blocks)].map(([, lines]) => lines).join(""));
}
