import { execFile } from "node:child_process";
import { promisify } from "node:util";
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

/** Samples what each process of a stack holds in memory (RSS). */
export function watchMemory(stack: Stack): MemoryWatch {
  const sizes = new Map<string, ProcessSize>();
  let timer: NodeJS.Timeout | undefined;
  const sample = async () => {
    for (const { name, pid } of stack.processes) {
      const size = await residentKib(pid);
      const known = sizes.get(name) ?? { name, before: size, largest: size };
      sizes.set(name, { ...known, largest: Math.max(known.largest, size) });
    }
  };
  return {
    async begin() {
      await sample();
      timer = setInterval(() => void sample().catch(() => undefined), sampleMs);
    },
    async end() {
      clearInterval(timer);
      await sample();
      return [...sizes.values()];
    },
  };
}

async function residentKib(pid: number): Promise<number> {
  const { stdout } = await run("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout.trim());
}
