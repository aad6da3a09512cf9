import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CliError } from "../cli-error.ts";
import type { Stack } from "../stack/stack.ts";

const run = promisify(execFile);
const sampleMs = 1_000;

/** What a process held (RSS) before a run was warm and from then on, the largest of each; KiB. */
export interface Growth {
  before: number;
  after: number;
}

export interface ProcessSize {
  name: string;
  /** Asked for nothing at the moment: what it keeps. `before` is the first size of a warm process. */
  atRest: Growth;
  /** At any moment: with what it is working on, a password hash of 64 MiB among it. */
  atWork: Growth;
}

export interface MemoryWatch {
  /** The run is warm: what comes now is compared with what was. */
  warm(): void;
  /** Takes a sample of processes of which nobody wants anything. */
  sampleAtRest(): Promise<void>;
  /** @throws CliError when a process is another one than at the beginning: its size tells nothing then */
  end(): Promise<ProcessSize[]>;
}

/** Samples what each process of a stack holds in memory. */
export function watchMemory(stack: Stack): MemoryWatch {
  const sizes = new Map<string, ProcessSize & { pid: number }>();
  const restarted = new Set<string>();
  let isWarm = false;
  let sampling: Promise<void> = Promise.resolve();
  const sample = (isAtRest: boolean) => {
    sampling = sampling.then(async () => {
      const resident = await residentKib(stack.processes.map(({ pid }) => pid));
      for (const { name, pid } of stack.processes) {
        const kib = resident.get(pid);
        const size = sizes.get(name) ?? { name, pid, atRest: { before: 0, after: 0 }, atWork: { before: 0, after: 0 } };
        sizes.set(name, size);
        if (kib === undefined || size.pid !== pid) restarted.add(name);
        else note(size, kib, isAtRest);
      }
    });
    return sampling;
  };
  const note = ({ atRest, atWork }: ProcessSize, kib: number, isAtRest: boolean) => {
    const when = isWarm ? "after" : "before";
    atWork[when] = Math.max(atWork[when], kib);
    if (!isAtRest || !isWarm) return;
    atRest.before ||= kib;
    atRest.after = Math.max(atRest.after, kib);
  };
  const timer = setInterval(() => void sample(false), sampleMs).unref();
  return {
    warm() {
      isWarm = true;
    },
    sampleAtRest: () => sample(true),
    async end() {
      clearInterval(timer);
      await sampling;
      if (restarted.size > 0) throw new CliError(`Died meanwhile: ${[...restarted].join(", ")}.`);
      return [...sizes.values()].map(({ pid: _, ...size }) => size);
    },
  };
}

/** By process id; those that are no more are missing. */
async function residentKib(pids: readonly number[]): Promise<Map<number, number>> {
  const args = ["-o", "pid=,rss=", "-p", pids.join(",")];
  const { stdout } = await run("ps", args).catch(() => ({ stdout: "" }));
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return new Map(rows.map(([pid, kib]) => [pid ?? 0, kib ?? 0]));
}
