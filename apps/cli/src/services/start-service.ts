import { CliError } from "../cli-error.ts";
import { freePort, isPortFree } from "../stack/free-port.ts";
import type { Terminal } from "../terminal.ts";
import { hasDocker, startContainer } from "./docker.ts";
import { findService } from "./find-service.ts";
import { isProgram, startProgram } from "./local-program.ts";
import type { RunningService, Service, Way } from "./service.ts";
import { type Place, readRecord, writeRecord } from "./service-record.ts";

const loopback = "127.0.0.1";

/**
 * What the environment names, else what runs already, else a container where an engine answers, else this machine's own
 * program. @throws CliError: one sentence, also where nothing can be had
 */
export async function startService(terminal: Terminal, place: Place): Promise<RunningService> {
  const { service } = place;
  const found = await findService(terminal, place);
  if (found) return found;
  const port = await choosePort(place);
  if (await hasDocker(terminal.env)) {
    await startContainer(terminal, place, port);
    await writeRecord(place, { by: "docker", port });
    return started(service, port, "docker");
  }
  const lack = await service.program.findLack();
  if (lack !== null) {
    throw new CliError(
      `There is no ${service.title}: set ${service.variable}, start a Docker engine, or install ${lack}.`,
    );
  }
  const pid = await startProgram(place, port, terminal.note);
  await writeRecord(place, { by: "program", port, pid });
  return started(service, port, "program");
}

const started = ({ name, variable, addressOf }: Service, port: number, by: Way): RunningService => ({
  name,
  variable,
  address: addressOf(port),
  by,
  wasRunning: false,
});

/** The one of last time, so that what was pasted stays true; else the usual one. */
async function choosePort(place: Place): Promise<number> {
  const { service } = place;
  const record = await readRecord(place);
  if (record?.by === "program" && (await isProgram(place, record))) {
    throw new CliError(
      `${service.program.command} (pid ${record.pid}) runs and does not answer: npm run services -- stop`,
    );
  }
  for (const port of [record?.port, service.usualPort]) {
    if (port !== undefined && (await isPortFree(port, loopback))) return port;
  }
  return freePort(loopback);
}
