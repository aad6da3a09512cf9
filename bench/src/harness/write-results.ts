import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BenchRun } from "./bench-run.ts";
import { drawCharts } from "./charts.ts";

const folder = new URL("../../results/", import.meta.url);

/** Writes the run as JSON and its charts. Answers the paths. */
export async function writeResults(run: BenchRun): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files = [
    { name: "latest.json", text: `${JSON.stringify(run, null, 2)}\n` },
    ...drawCharts(run.results).map(({ name, svg }) => ({ name: `${name}.svg`, text: svg })),
  ];
  return Promise.all(
    files.map(async ({ name, text }) => {
      const path = fileURLToPath(new URL(name, folder));
      await writeFile(path, text);
      return path;
    }),
  );
}
