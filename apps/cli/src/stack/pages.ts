import type { CliConfig } from "../config.ts";
import type { Terminal } from "../terminal.ts";
import { buildConsole } from "./console-build.ts";
import { hostAndPort } from "./process-kinds.ts";
import type { Stack } from "./stack.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

/** Which pages a start serves beside the API. */
export interface WantedPages {
  demo: boolean;
  console: boolean;
}

export interface PagesOptions {
  wanted: WantedPages;
  config: CliConfig;
  stack: Stack;
  terminal: Terminal;
  /** What each process of the stack gets. */
  environment: Record<string, string>;
  /** A fresh sign-in link; null where nobody signs in by link. */
  makeSignInLink: (() => Promise<string>) | null;
  /** After each page that answers. */
  onOpen(): Promise<void>;
  signal: AbortSignal;
}

/** Opens them one after the other, the quick one first. What can't be opened is told, and the rest runs on. */
export async function openPages(options: PagesOptions): Promise<void> {
  const { wanted, terminal } = options;
  const open: [boolean, (options: PagesOptions) => Promise<void>][] = [
    [wanted.demo, openDemo],
    [wanted.console, openConsole],
  ];
  for (const [isWanted, openPage] of open) {
    if (!isWanted || options.signal.aborted) continue;
    await openPage(options).catch((error: Error) => terminal.note(`${error.message}\nThe rest runs.`));
  }
}

export const demoLine = (url: string): string => `Two people talking: ${url}`;

/** @param link null where nobody signs in by link */
export const consoleLine = (link: string | null, url: string): string =>
  link ? `Console: ${link}\n  (signs you in once, within 15 minutes)` : `Console: ${url}`;

async function openDemo(options: PagesOptions): Promise<void> {
  const demo = options.stack.add("demo", addressesOf(options));
  await whenOpen(demo, options);
  if (demo.isReady) options.terminal.print(demoLine(urlOf(options, demo)));
}

async function openConsole(options: PagesOptions): Promise<void> {
  const { terminal, environment, signal, makeSignInLink } = options;
  await buildConsole({ note: terminal.note, environment, signal });
  if (signal.aborted) return;
  const admin = options.stack.add("admin", addressesOf(options));
  await whenOpen(admin, options);
  if (!admin.isReady) return;
  terminal.print(consoleLine((await makeSignInLink?.()) ?? null, urlOf(options, admin)));
}

async function whenOpen(page: SupervisedProcess, { signal, onOpen }: PagesOptions): Promise<void> {
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  await Promise.race([page.whenReady(), aborted]);
  if (page.isReady) await onOpen();
}

const urlOf = ({ config }: PagesOptions, page: SupervisedProcess): string =>
  `http://${hostAndPort(config.ECHO_HOST, page.ports.port)}`;

/** Where the pages find the API and the hub: the operator's word, else the first of each. */
function addressesOf({ config, stack, terminal }: PagesOptions): Record<string, string> {
  const at = (kind: "api" | "realtime") => hostAndPort(config.ECHO_HOST, stack.of(kind)[0]?.ports.port ?? 0);
  return {
    ECHO_API_URL: terminal.env.ECHO_API_URL ?? `http://${at("api")}`,
    ECHO_REALTIME_URL: terminal.env.ECHO_REALTIME_URL ?? `ws://${at("realtime")}`,
  };
}
