import { setTimeout as pause } from "node:timers/promises";
import type { Terminal } from "../terminal.ts";
import { readDevFile } from "./dev-file.ts";
import { isApp, runApp } from "./run-app.ts";

// What the `dev` and `ready` scripts of the workspaces run, by scripts/dev.mjs: "database", "ready", or the name of an app.
const pollMs = 50;
/** A first start installs packages and makes a cluster. */
const patienceMs = 300_000;

const terminal: Terminal = {
  env: process.env,
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
};
/** Absolute already: the scripts of the workspaces run in their own folders. */
const home = process.env.ECHO_HOME ?? ".echo";
const [word = ""] = process.argv.slice(2);

if (word === "database") await keepDatabase();
else if (word === "ready") await awaitDatabase();
else if (isApp(word)) process.exit(await runApp(terminal, home, word));
else throw new Error(`"${word}" is none of database, ready, api, realtime, admin, demo`);

/** Ends when asked, or when whoever started it was killed. */
async function keepDatabase(): Promise<void> {
  // Loaded here alone: the apps' own processes stay small.
  const [{ keepHome }, { whenAsked }, { explain }] = await Promise.all([
    import("./keep-home.ts"),
    import("../stack/when-asked.ts"),
    import("../explain.ts"),
  ]);
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  const orphaned = new Promise<null>((resolve) => process.once("disconnect", () => resolve(null)));
  try {
    await keepHome(terminal, Promise.race([whenAsked(), orphaned]));
    process.exit(0);
  } catch (error) {
    terminal.note(explain(error));
    process.exit(1);
  }
}

async function awaitDatabase(): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while ((await readDevFile(home)) === null) {
    if (Date.now() > deadline) throw new Error(`No database came up in ${home}`);
    await pause(pollMs);
  }
}
