// Makes a tree ready to run: the packages that the lock file names, and the Prisma client. Imports node: modules alone,
// so that a wrong Node gets its sentence before anything else can fail.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const lowestNode = [20, 19];
const stamp = `${root}node_modules/.echo-prepared.json`;

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < lowestNode[0] || (major === lowestNode[0] && minor < lowestNode[1])) {
    fail(`Echo needs Node ${lowestNode.join(".")} or newer; this is Node ${version}.`);
  }
}

function digest(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(readFileSync(path));
  return hash.digest("hex");
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(stamp, "utf8"));
  } catch {
    return {};
  }
}

function install() {
  process.stderr.write("Installing packages (npm ci) ...\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--ignore-scripts=false", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (result.status !== 0)
    fail("npm ci failed; the lines above say why. Echo needs the npm registry for its first start.");
}

function generate() {
  const result = spawnSync(process.execPath, [`${root}scripts/generate.mjs`], { stdio: "inherit" });
  if (result.status !== 0) fail("The Prisma client could not be generated from prisma/schema.");
}

/** Installs and generates what is missing or older than the files that decide it. */
export function prepareTree() {
  checkNode();
  const schemas = readdirSync(`${root}prisma/schema`).map((name) => `${root}prisma/schema/${name}`);
  const wanted = { packages: digest([`${root}package-lock.json`]), schema: digest(schemas) };
  const present = readStamp();
  // `npm ci` runs generate by itself (the "prepare" script).
  if (present.packages !== wanted.packages || !existsSync(`${root}node_modules/tsx`)) install();
  else if (present.schema !== wanted.schema || !existsSync(`${root}packages/db/src/generated/client.ts`)) generate();
  else return;
  writeFileSync(stamp, JSON.stringify(wanted));
}
