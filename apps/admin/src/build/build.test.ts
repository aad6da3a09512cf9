import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { buildWithinMs, ensureTestBuild } from "../server/test-console.ts";
import { BuildError } from "./build-error.ts";
import { runNextBuild } from "./run-next-build.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

const program = (...words: string[]) =>
  promisify(execFile)(process.execPath, ["--import", import.meta.resolve("tsx"), main, ...words]);

test(
  "the program ends at once, without a word, when the build is fresh",
  async () => {
    await ensureTestBuild();

    expect(await program()).toEqual({ stdout: "", stderr: "" });
    expect(await program("--state")).toEqual({ stdout: "fresh\n", stderr: "" });
  },
  buildWithinMs,
);

test("a build that can't be done ends with Next's own words", async () => {
  const build = runNextBuild({
    // A folder outside of the workspace: Next refuses it.
    distDir: "../../../elsewhere",
    environment: {},
    signal: AbortSignal.timeout(20_000),
  });

  await expect(build).rejects.toThrow(BuildError);
});
