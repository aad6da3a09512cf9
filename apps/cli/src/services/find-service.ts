import { CliError } from "../cli-error.ts";
import type { Terminal } from "../terminal.ts";
import { isProgram } from "./local-program.ts";
import type { RunningService, Service } from "./service.ts";
import { type Place, readRecord, type ServiceRecord } from "./service-record.ts";

/** The one that answers now; null: none was started here. @throws CliError where the environment names one that does not */
export async function findService({ env }: Terminal, place: Place): Promise<RunningService | null> {
  const { service } = place;
  const { name, variable } = service;
  const given = env[variable];
  if (given) {
    await requireAnswer(service, given);
    // Its password is nobody's business who looks over a shoulder.
    const url = Object.assign(new URL(given), { username: "", password: "" }).href;
    return { name, variable, url, by: "environment", wasRunning: true };
  }
  const record = await readRecord(place);
  if (record === null || !(await isOurs(service, record))) return null;
  const url = service.urlOf(record.port);
  const answers = await service.check(url).then(
    () => true,
    () => false,
  );
  return answers ? { name, variable, url, by: record.by, wasRunning: true } : null;
}

/** What answers on a container's port is the container; a program's pid may be somebody else's by now. */
const isOurs = (service: Service, record: ServiceRecord): Promise<boolean> | boolean =>
  record.by === "docker" || isProgram(service, record);

async function requireAnswer(service: Service, url: string): Promise<void> {
  try {
    await service.check(url);
  } catch (error) {
    throw new CliError(`${service.variable} is set, and what it names does not answer: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  const { message = "", code = "" } = error as NodeJS.ErrnoException;
  return message || code || String(error);
}
