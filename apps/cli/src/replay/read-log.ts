import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { CliError } from "../cli-error.ts";
import { parseLinks, parseLog } from "./parse-log.ts";
import { type Plan, planReplay } from "./plan.ts";

export interface ReadLog {
  plan: Plan;
  skippedLines: number;
}

/** A log, and the reply links beside it. @throws CliError when there is nothing to replay */
export async function readLog(file: string): Promise<ReadLog> {
  if (!existsSync(file)) throw new CliError(`There is no file ${file}.`);
  const log = parseLog(await readFile(file, "utf8"));
  const links = file.replace(/\.raw\.txt$/, ".annotation.txt");
  const hasLinks = links !== file && existsSync(links);
  const plan = planReplay(log, parseLinks(hasLinks ? await readFile(links, "utf8") : ""));
  if (plan.says === 0)
    throw new CliError(`${file} has no line that says something: is it an IRC log like "[09:03] <nick> text"?`);
  return { plan, skippedLines: log.skipped.length };
}
