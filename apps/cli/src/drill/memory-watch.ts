import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CliError } from "../cli-error.ts";
import type { Stack } from "../stack/stack.ts";

const run = promisify(execFile);
const sampleMs = 5_000;

/** What one process held; KiB. */
export interface ProcessSize {
  name: string;
  /** Once the run was warm. */
  before: number;
  largest: number;
}

export interface MemoryWatch {
  /** From now on sizes are compared with those of now. */
  begin(): Promise<void>;
  /** Takes the last sample. */
  end(): Promise<ProcessSize[]>;
}

/**
 * Samples what each process of a stack holds in memory (RSS).
 * @throws CliError at the end when a process was another one than at the beginning: its size tells nothing then
 */
export function watchMemory(stack: Stack): MemoryWatch {
  const sizes = new Map<string, ProcessSize & { pid: number }>();
  const restarted = new Set<string>();
  let sampling: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const sampleOne = async ({ name, pid }: { name: string; pid: number }) => {
    const known = sizes.get(name);
    if (known && known.pid !== pid) restarted.add(name);
    const size = await residentKib(pid);
    if (size === null) return void restarted.add(name);
    sizes.set(name, { name, pid, before: known?.before ?? size, largest: Math.max(known?.largest ?? 0, size) });
  };
  const sample = () => {
    sampling = sampling.then(async () => {
      for (const each of stack.processes) await sampleOne(each);
    });
    return sampling;
  };
  return {
    async begin() {
      await sample();
      timer = setInterval(() => void sample(), sampleMs);
    },
    async end() {
      clearInterval(timer);
      await sample();
      if (restarted.size > 0) throw new CliError(`Died meanwhile: ${[...restarted].join(", ")}.`);
      return [...sizes.values()].map(({ pid: _, ...size }) => size);
    },
  };
}

/** Null: there is no such process any more. */
async function residentKib(pid: number): Promise<number | null> {
  try {
    const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout.trim());
  } catch {
    return null;
  }
}
