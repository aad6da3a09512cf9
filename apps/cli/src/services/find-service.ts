import { CliError } from "../cli-error.ts";
import type { Terminal } from "../terminal.ts";
import { answers, isProgram } from "./local-program.ts";
import type { RunningService } from "./service.ts";
import { type Place, readRecord, type ServiceRecord } from "./service-record.ts";

/** The one that answers now; null: none was started here. @throws CliError where the environment names one that does not */
export async function findService({ env }: Terminal, place: Place): Promise<RunningService | null> {
  const { name, variable, addressOf, check, show } = place.service;
  const given = env[variable];
  if (given) {
    try {
      await check(given, env);
    } catch (cause) {
      throw new CliError(`${variable} is set, and what it names does not answer: ${reasonOf(cause)}`, { cause });
    }
    return { name, variable, address: show(given), by: "environment", wasRunning: true };
  }
  const record = await readRecord(place);
  if (record === null || !(await isOurs(place, record)) || !(await answers(place.service, record.port))) return null;
  return { name, variable, address: addressOf(record.port), by: record.by, wasRunning: true };
}

/** What answers on a container's port is the container; a program's pid may be somebody else's by now. */
const isOurs = (place: Place, record: ServiceRecord): Promise<boolean> | boolean =>
  record.by === "docker" || isProgram(place, record);

function reasonOf(error: unknown): string {
  const { message = "", code = "" } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}
