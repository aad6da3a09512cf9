// Makes a tree ready to run: the packages that the lock file names, and the Prisma client. Imports node: modules alone,
// so that a wrong Node gets its sentence before anything else can fail.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isGenerated } from "./generate.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));
const lowestNode = [20, 19];

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

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(`${root}${path}`, "utf8")).packages;
  } catch {
    return {};
  }
}

/** npm notes in node_modules what it installed; what the lock file names and is not optional must be among it. */
export function isInstalled(locked, installed) {
  return Object.entries(locked).every(([path, { version, link, optional }]) => {
    if (!path.startsWith("node_modules/")) return true;
    const present = installed[path];
    return present ? link || present.version === version : Boolean(optional);
  });
}

function install() {
  process.stderr.write("Installing packages (npm ci) ...\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
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

/** Installs and generates what is missing or other than the files say that decide it. */
export function prepareTree() {
  checkNode();
  if (!isInstalled(packagesOf("package-lock.json"), packagesOf("node_modules/.package-lock.json"))) install();
  if (!isGenerated()) generate();
}
