import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CliError } from "../cli-error.ts";
import { type HomeLock, lockHome } from "../stack/lock.ts";

const run = promisify(execFile);
const tree = fileURLToPath(new URL("../../../../", import.meta.url));
const pom = join(tree, "deploy/kafka/pom.xml");
const lowestJava = 17;
const fetchWithinMs = 300_000;

/** What to install before Kafka can run on this machine; null: nothing. */
export async function findKafkaLack(): Promise<string | null> {
  if (!(await hasJava())) {
    return `Java ${lowestJava} or newer and Maven (apt-get install openjdk-17-jre-headless maven, brew install openjdk maven)`;
  }
  if (existsSync(await jarsFolder()) || (await hasMaven())) return null;
  return "Maven (apt-get install maven, brew install maven)";
}

async function hasJava(): Promise<boolean> {
  try {
    const { stderr } = await run("java", ["-version"]);
    return Number(/version "(\d+)/.exec(stderr)?.[1]) >= lowestJava;
  } catch {
    return false;
  }
}

const hasMaven = (): Promise<boolean> =>
  run("mvn", ["--version"]).then(
    () => true,
    () => false,
  );

/** One for all who use this tree, and another for other jars. */
async function jarsFolder(): Promise<string> {
  const digest = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex");
  return join(tree, "node_modules/.cache/echo-kafka", digest.slice(0, 12));
}

/** The folder of Kafka's jars, which Maven fetches the first time; others who want them wait. @throws CliError */
export async function fetchKafkaJars(note: (line: string) => void): Promise<string> {
  const folder = await jarsFolder();
  if (existsSync(folder)) return folder;
  const lock = await waitForLock(folder);
  try {
    if (!existsSync(folder)) await fetchInto(folder, note);
  } finally {
    await lock.release();
  }
  return folder;
}

async function waitForLock(folder: string): Promise<HomeLock> {
  for (;;) {
    const lock = await lockHome(folder);
    if (lock) return lock;
    await pause(100);
  }
}

/** What is there is whole: it gets its name when all has come. */
async function fetchInto(folder: string, note: (line: string) => void): Promise<void> {
  note("Fetching Kafka's jars by Maven, once (45 MB) ...");
  await mkdir(dirname(folder), { recursive: true });
  const coming = await mkdtemp(`${folder}.`);
  const words = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${coming}`];
  try {
    await run("mvn", ["-q", "-B", "-f", pom, ...words], { timeout: fetchWithinMs });
    await rename(coming, folder);
  } catch (cause) {
    await rm(coming, { recursive: true, force: true });
    throw new CliError(`Maven could not fetch Kafka's jars: ${firstErrorOf(cause)}`, { cause });
  }
}

function firstErrorOf(error: unknown): string {
  const said = error instanceof Error && "stdout" in error ? String(error.stdout) : "";
  return /^\[ERROR\] (.+)$/m.exec(said)?.[1] ?? String(error);
}
