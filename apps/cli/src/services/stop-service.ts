import type { Terminal } from "../terminal.ts";
import { stopContainer } from "./docker.ts";
import { isProgram, stopProgram } from "./local-program.ts";
import { type Place, readRecord, removeAll } from "./service-record.ts";

/** Ends what was started here, whatever the environment names; answers whether something was. @throws CliError */
export async function stopService(terminal: Terminal, place: Place): Promise<boolean> {
  const record = await readRecord(place);
  if (record === null) return false;
  if (record.by === "docker") {
    await stopContainer(terminal, place, record.port);
    return true;
  }
  const wasRunning = await isProgram(place, record);
  await stopProgram(place, record);
  return wasRunning;
}

/** Also removes its data, its log and what was noted of it. @throws CliError */
export async function resetService(terminal: Terminal, place: Place): Promise<void> {
  await stopService(terminal, place);
  await removeAll(place);
}
