import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { homeMode } from "../stack/make-home.ts";
import { writePrivately } from "../stack/write-privately.ts";
import type { Service } from "./service.ts";

/** What was started for a service; it stays after a stop, so that the next start takes the same port. */
const ServiceRecord = z.discriminatedUnion("by", [
  z.object({ by: z.literal("docker"), port: z.int() }),
  z.object({ by: z.literal("program"), port: z.int(), pid: z.int() }),
]);
export type ServiceRecord = z.infer<typeof ServiceRecord>;

/** A service's place below ECHO_HOME. */
export interface Place {
  service: Service;
  /** ECHO_HOME/services */
  root: string;
}

/** Where it keeps its data and its log. */
export const folderOf = ({ root, service }: Place): string => join(root, service.name);

const pathOf = ({ root, service }: Place): string => join(root, `${service.name}.json`);

/** Null when nothing was started, or the file is not readable as one of ours. */
export async function readRecord(place: Place): Promise<ServiceRecord | null> {
  try {
    return ServiceRecord.parse(JSON.parse(await readFile(pathOf(place), "utf8")));
  } catch {
    return null;
  }
}

export async function writeRecord(place: Place, record: ServiceRecord): Promise<void> {
  await writePrivately(pathOf(place), record);
}

export async function makeFolder(place: Place): Promise<string> {
  const folder = folderOf(place);
  await mkdir(folder, { recursive: true, mode: homeMode });
  return folder;
}

/** Data, log and record. */
export async function removeAll(place: Place): Promise<void> {
  await rm(folderOf(place), { recursive: true, force: true });
  await rm(pathOf(place), { force: true });
}
