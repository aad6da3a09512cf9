import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { createStream } from "rotating-file-stream";

/** The log of one process: JSON lines in `<home>/logs/<name>.log`, rotated at 10 MiB, five kept. */
export interface ProcessLog {
  follow(stream: Readable): void;
  /** The last line that was written, for a process that keeps dying. */
  lastLine(): string;
  close(): Promise<void>;
}

const loud = new Set(["warn", "error", "fatal"]);

function isWarning(line: string): boolean {
  try {
    return loud.has(String((JSON.parse(line) as { level?: unknown }).level));
  } catch {
    return false;
  }
}

export function openProcessLog(home: string, name: string, onWarning: (line: string) => void): ProcessLog {
  const folder = join(home, "logs");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = createStream(`${name}.log`, { path: folder, size: "10M", maxFiles: 5, mode: 0o600 });
  let last = "";
  file.on("error", (error) => onWarning(`${join(folder, `${name}.log`)}: ${error.message}`));
  return {
    follow(stream) {
      createInterface({ input: stream }).on("line", (line) => {
        if (line === "") return;
        last = line;
        file.write(`${line}\n`);
        if (isWarning(line)) onWarning(line);
      });
    },
    lastLine: () => last,
    async close() {
      file.end();
      await once(file, "finish");
    },
  };
}
