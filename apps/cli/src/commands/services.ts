import { join } from "node:path";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { readCliConfig } from "../config.ts";
import { findService } from "../services/find-service.ts";
import type { RunningService, Service } from "../services/service.ts";
import type { Place } from "../services/service-record.ts";
import { startService } from "../services/start-service.ts";
import { resetService, stopService } from "../services/stop-service.ts";
import { services } from "../services/table.ts";
import { lockHome } from "../stack/lock.ts";
import { makeHome } from "../stack/make-home.ts";
import type { Terminal } from "../terminal.ts";

interface Options {
  json: boolean;
}

export function registerServices(program: Command, terminal: Terminal): void {
  const command = program
    .command("services")
    .description("Redis and Kafka for this machine: what is given, a container, or a program");
  const add = (name: string, description: string) =>
    command
      .command(name, { isDefault: name === "start" })
      .description(description)
      .argument("[names...]", `of ${services.map(({ name }) => name).join(", ")}; all of them where none is named`)
      .option("--json", "print what runs as JSON", false);
  const inRoot = (work: Work) => (names: string[], options: Options) =>
    lockRoot(terminal, (root) => work(terminal, placesIn(root, names), options));
  add("start", "start what is missing and print the environment to paste (the default)").action(inRoot(start));
  add("status", "print what runs").action((names: string[], options: Options) =>
    status(terminal, placesIn(rootOf(terminal), names), options),
  );
  add("stop", "end what was started; the data stays").action(inRoot(stop));
  add("reset", "end what was started and delete its data").action(inRoot(reset));
}

type Work = (terminal: Terminal, places: Place[], options: Options) => Promise<void>;

/** Only ECHO_HOME is read: the rest may be what somebody is about to mend. */
const rootOf = ({ env }: Terminal): string => join(readCliConfig({ ECHO_HOME: env.ECHO_HOME }).home, "services");

/** One at a time in a folder. @throws CliError */
async function lockRoot(terminal: Terminal, work: (root: string) => Promise<void>): Promise<void> {
  const root = rootOf(terminal);
  await makeHome(root);
  const lock = await lockHome(root);
  if (!lock) throw new CliError(`Another command starts or stops the services in ${root}: wait for it.`);
  try {
    await work(root);
  } finally {
    await lock.release();
  }
}

/** Those that are named, in the table's order; all where none is. @throws CliError for a name that is not in it */
function placesIn(root: string, names: string[]): Place[] {
  const known = services.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new CliError(`There is no service named ${unknown}: it is one of ${known.join(", ")}.`);
  const chosen = services.filter(({ name }) => names.length === 0 || names.includes(name));
  return chosen.map((service) => ({ service, root }));
}

/** What can be had is started and printed, also when another can't. */
async function start(terminal: Terminal, places: Place[], { json }: Options): Promise<void> {
  const running: RunningService[] = [];
  const faults: CliError[] = [];
  for (const place of places) {
    try {
      running.push(await startService(terminal, place));
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      faults.push(error);
    }
  }
  if (json) terminal.print(JSON.stringify({ services: running }));
  else printEnvironment(terminal, running);
  if (faults.length > 0) throw new CliError(faults.map(({ message }) => message).join("\n"), { cause: faults[0] });
}

function printEnvironment(terminal: Terminal, running: RunningService[]): void {
  for (const each of running) terminal.note(describe(each));
  for (const { variable, address, by } of running) {
    if (by !== "environment") terminal.print(`export ${variable}=${address}`);
  }
}

const ways: Record<RunningService["by"], (service: Service | undefined) => string> = {
  environment: () => "given by the environment, and answers",
  docker: () => "in a container",
  program: (service) => `${service?.program.command} of this machine`,
};

function describe({ name, by, wasRunning }: RunningService): string {
  const way = ways[by](services.find((service) => service.name === name));
  return `${name}: ${way}${by !== "environment" && wasRunning ? ", runs already" : ""}`;
}

async function status(terminal: Terminal, places: Place[], { json }: Options): Promise<void> {
  const found: { name: string; running: RunningService | null }[] = [];
  for (const place of places) {
    found.push({ name: place.service.name, running: await findService(terminal, place) });
  }
  if (json) return terminal.print(JSON.stringify({ services: found.flatMap(({ running }) => running ?? []) }));
  for (const { name, running } of found) {
    terminal.print(running ? `${describe(running)}: ${running.address}` : `${name}: does not run`);
  }
}

async function stop(terminal: Terminal, places: Place[], { json }: Options): Promise<void> {
  const stopped: string[] = [];
  for (const place of places) if (await stopService(terminal, place)) stopped.push(place.service.name);
  if (json) return terminal.print(JSON.stringify({ stopped }));
  terminal.print(stopped.length > 0 ? `Stopped: ${stopped.join(", ")}.` : "Nothing of ours runs.");
}

async function reset(terminal: Terminal, places: Place[], { json }: Options): Promise<void> {
  for (const place of places) await resetService(terminal, place);
  const names = places.map(({ service }) => service.name);
  terminal.print(json ? JSON.stringify({ reset: names }) : `Stopped, and the data is gone: ${names.join(", ")}.`);
}
