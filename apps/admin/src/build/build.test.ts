import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ensureTestBuild } from "../server/test-console.ts";
import { BuildError } from "./build-error.ts";
import { runNextBuild } from "./run-next-build.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

test("the program ends at once, without a word, when the build is fresh", async () => {
  await ensureTestBuild();

  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    "--import",
    import.meta.resolve("tsx"),
    main,
  ]);

  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
}, 120_000);

test("a build that can't be done ends with Next's own words", async () => {
  const build = runNextBuild({
    // A folder outside of the workspace: Next refuses it.
    distDir: "../../../elsewhere",
    environment: {},
    signal: AbortSignal.timeout(20_000),
  });

  await expect(build).rejects.toThrow(BuildError);
});
