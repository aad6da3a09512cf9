// Generates the Prisma client; the schema engine that the CLI asks for is never started by `generate`.
import { spawnSync } from "node:child_process";

const prisma = new URL("../node_modules/prisma/build/index.js", import.meta.url).pathname;
const result = spawnSync(process.execPath, [prisma, "generate"], {
  cwd: new URL("..", import.meta.url).pathname,
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  encoding: "utf8",
});
if (result.status !== 0) {
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  process.exit(1);
}
