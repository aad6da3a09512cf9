import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CliError } from "../cli-error.ts";
import type { Terminal } from "../terminal.ts";
import { makeFolder, type Place } from "./service-record.ts";

const composeFile = fileURLToPath(new URL("../../../../deploy/services.compose.yaml", import.meta.url));
const answerWithinMs = 10_000;
/** An image may have to come first. */
const upWithinMs = 600_000;

/** Whether an engine answers, with compose: a client alone starts nothing. */
export async function hasDocker(env: NodeJS.ProcessEnv): Promise<boolean> {
  try {
    for (const args of [["info"], ["compose", "version"]]) {
      await promisify(execFile)("docker", args, { env, timeout: answerWithinMs });
    }
    return true;
  } catch {
    return false;
  }
}

/** One project per ECHO_HOME, so that two of them are two Redis. */
const projectOf = ({ root }: Place): string =>
  `echo-services-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;

async function compose({ env }: Terminal, place: Place & { port: number }, args: string[]): Promise<string> {
  const { root, port, service } = place;
  const variables = {
    ECHO_SERVICES_FOLDER: root,
    // Whoever removes the folder later must own what is in it.
    ECHO_SERVICES_USER: `${process.getuid?.() ?? 1000}:${process.getgid?.() ?? 1000}`,
    [`ECHO_SERVICES_${service.name.toUpperCase()}_PORT`]: String(port),
  };
  const all = ["compose", "--file", composeFile, "--project-name", projectOf(place), ...args];
  try {
    const options = { env: { ...env, ...variables }, timeout: upWithinMs };
    return (await promisify(execFile)("docker", all, options)).stdout;
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n").at(-1) : "";
    throw new CliError(`docker compose ${args[0]} failed: ${said}`, { cause: error });
  }
}

/** Starts its container, or leaves the one that runs, and waits until it is healthy. @throws CliError */
export async function startContainer(terminal: Terminal, place: Place, port: number): Promise<void> {
  await makeFolder(place);
  await compose(terminal, { ...place, port }, ["up", "--detach", "--wait", place.service.name]);
}

/** @throws CliError */
export async function stopContainer(terminal: Terminal, place: Place, port: number): Promise<void> {
  await compose(terminal, { ...place, port }, ["rm", "--stop", "--force", place.service.name]);
}
