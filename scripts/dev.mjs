// Behind `npx turbo dev`: `node scripts/dev.mjs database | ready | api | realtime | worker | admin | demo`, from any workspace.
import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { prepareTree, root } from "./prepare.mjs";

const [word = ""] = process.argv.slice(2);
// A path in the environment is meant from the root, whichever workspace's folder turbo runs this in.
process.chdir(root);
process.env.ECHO_HOME = resolve(process.env.ECHO_HOME || ".echo");

/**
 * The database outlives whatever turbo kills: its keeper is in a group of its own, told to stop like the apps, and stops
 * by itself when this process is killed and the channel between them closes.
 */
function keepDatabase() {
  prepareTree();
  const main = resolve(root, "apps/cli/src/dev/main.ts");
  const keeper = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main, word], {
    detached: true,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => keeper.kill("SIGTERM"));
  keeper.on("exit", (code) => process.exit(code ?? 1));
}

if (word === "database") keepDatabase();
else {
  const { register } = await import("tsx/esm/api");
  register();
  await import("../apps/cli/src/dev/main.ts");
}
