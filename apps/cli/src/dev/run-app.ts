import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launchModule } from "../stack/launch-process.ts";
import { type ProcessKind, processKinds } from "../stack/process-kinds.ts";
import type { Terminal } from "../terminal.ts";
import { type DevFile, readDevFile } from "./dev-file.ts";
import { readableLine } from "./readable-line.ts";
import { whenAnswering } from "./when-answering.ts";

/** What `turbo dev` runs beside the database. */
type App = ProcessKind;

interface AppFacts {
  main: string;
  args: readonly string[];
  /** Watched and started anew; the others serve the changes of their pages themselves. */
  isWatched: boolean;
  /** What must answer first: the demo makes its people through the API. */
  needs: readonly string[];
}

const apps: Readonly<Record<App, AppFacts>> = {
  api: { main: processKinds.api.main, args: [], isWatched: true, needs: [] },
  realtime: { main: processKinds.realtime.main, args: [], isWatched: true, needs: [] },
  worker: { main: processKinds.worker.main, args: [], isWatched: true, needs: [] },
  admin: { main: "@echo/admin/dev", args: [], isWatched: false, needs: [] },
  demo: { main: processKinds.demo.main, args: ["--dev"], isWatched: false, needs: ["ECHO_API_URL"] },
};

const root = fileURLToPath(new URL("../../../..", import.meta.url));

export const isApp = (word: string): word is App => Object.hasOwn(apps, word);

/** Runs one app from its sources until it is told to end; its log is made readable. Answers the exit code. */
export async function runApp(terminal: Terminal, home: string, app: App): Promise<number> {
  const dev = await readDevFile(home);
  if (!dev) {
    terminal.note(`Nothing holds ${home}: "npx turbo dev" at the root starts the database too.`);
    return 1;
  }
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => ending.abort());
  if (app === "demo" && !dev.hasDemo) {
    terminal.print("The demo hands out its people's passwords: it runs on the embedded database and loopback alone.");
    // A task that ends takes the database with it, which turbo keeps for those that run.
    await untilAborted(ending.signal);
    return 0;
  }
  for (const variable of apps[app].needs) await whenAnswering(dev.environment[variable] ?? "", ending.signal);
  if (ending.signal.aborted) return 0;
  return await (apps[app].isWatched ? runWatched : runOnce)({ terminal, app, dev, signal: ending.signal });
}

/** A listener alone does not keep a process alive. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  const idle = setInterval(() => undefined, 60_000);
  await once(signal, "abort");
  clearInterval(idle);
}

interface Launch {
  terminal: Terminal;
  app: App;
  dev: DevFile;
  signal: AbortSignal;
}

async function runWatched({ terminal, app, dev, signal }: Launch): Promise<number> {
  // Loaded here alone: the others need no bundler.
  const { runWatchedApp } = await import("./watched-app.ts");
  const main = mainOf(app);
  const sources = dirname(main);
  await runWatchedApp({
    main,
    outfile: join(root, "node_modules/.cache/echo-dev", `${app}.mjs`),
    folders: [sources, join(root, "packages")],
    environment: { ...terminal.env, ...dev.environment },
    follow: (child) => follow(child, terminal),
    note: terminal.note,
    signal,
  });
  return 0;
}

async function runOnce({ terminal, app, dev, signal }: Launch): Promise<number> {
  const { main, args } = apps[app];
  const env = { ...terminal.env, ...dev.environment };
  const child = launchModule(main, { env, stdio: ["ignore", "pipe", "pipe", "ipc"] }, args);
  follow(child, terminal);
  signal.addEventListener("abort", () => child.kill("SIGTERM"));
  const [code] = (await once(child, "exit")) as [number | null];
  return signal.aborted ? 0 : (code ?? 1);
}

const mainOf = (app: App): string => fileURLToPath(import.meta.resolve(apps[app].main));

function follow(child: ChildProcess, { print }: Terminal): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on("line", (line) => print(readableLine(line)));
  }
}
