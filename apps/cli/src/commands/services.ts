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
    .description("Redis for this machine: what is given, a container, or a program");
  const add = (name: string, description: string) =>
    command
      .command(name, { isDefault: name === "start" })
      .description(description)
      .option("--json", "print what runs as JSON", false);
  add("start", "start what is missing and print the environment to paste (the default)").action((options: Options) =>
    inRoot(terminal, (root) => start(terminal, root, options)),
  );
  add("status", "print what runs").action((options: Options) => status(terminal, rootOf(terminal), options));
  add("stop", "end what was started; the data stays").action((options: Options) =>
    inRoot(terminal, (root) => stop(terminal, root, options)),
  );
  add("reset", "end what was started and delete its data").action((options: Options) =>
    inRoot(terminal, (root) => reset(terminal, root, options)),
  );
}

/** Only ECHO_HOME is read: the rest may be what somebody is about to mend. */
const rootOf = ({ env }: Terminal): string => join(readCliConfig({ ECHO_HOME: env.ECHO_HOME }).home, "services");

/** One at a time in a folder. @throws CliError */
async function inRoot(terminal: Terminal, work: (root: string) => Promise<void>): Promise<void> {
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

const placesIn = (root: string): Place[] => services.map((service) => ({ service, root }));

async function start(terminal: Terminal, root: string, { json }: Options): Promise<void> {
  const running: RunningService[] = [];
  for (const place of placesIn(root)) running.push(await startService(terminal, place));
  if (json) return terminal.print(JSON.stringify({ services: running }));
  for (const each of running) terminal.note(describe(each));
  for (const { variable, url, by } of running) if (by !== "environment") terminal.print(`export ${variable}=${url}`);
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

async function status(terminal: Terminal, root: string, { json }: Options): Promise<void> {
  const found: { name: string; running: RunningService | null }[] = [];
  for (const place of placesIn(root)) {
    found.push({ name: place.service.name, running: await findService(terminal, place) });
  }
  if (json) return terminal.print(JSON.stringify({ services: found.flatMap(({ running }) => running ?? []) }));
  for (const { name, running } of found) {
    terminal.print(running ? `${describe(running)}: ${running.url}` : `${name}: does not run`);
  }
}

async function stop(terminal: Terminal, root: string, { json }: Options): Promise<void> {
  const stopped: string[] = [];
  for (const place of placesIn(root)) if (await stopService(terminal, place)) stopped.push(place.service.name);
  if (json) return terminal.print(JSON.stringify({ stopped }));
  terminal.print(stopped.length > 0 ? `Stopped: ${stopped.join(", ")}.` : "Nothing of ours runs.");
}

async function reset(terminal: Terminal, root: string, { json }: Options): Promise<void> {
  for (const place of placesIn(root)) await resetService(terminal, place);
  const names = services.map(({ name }) => name);
  terminal.print(json ? JSON.stringify({ reset: names }) : `Stopped, and the data is gone: ${names.join(", ")}.`);
}
