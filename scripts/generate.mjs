// Generates the Prisma client; the schema engine that the CLI asks for is never started by `generate`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const digestFile = `${root}packages/db/src/generated/schema.sha256`;

function schemaDigest() {
  const hash = createHash("sha256");
  const names = readdirSync(`${root}prisma/schema`).sort();
  for (const name of names) hash.update(readFileSync(`${root}prisma/schema/${name}`));
  hash.update(readFileSync(`${root}node_modules/prisma/package.json`));
  return hash.digest("hex");
}

/** Whether the client is there and of the present schema. */
export function isGenerated() {
  try {
    return readFileSync(digestFile, "utf8") === schemaDigest();
  } catch {
    return false;
  }
}

function generate() {
  const result = spawnSync(process.execPath, [`${root}node_modules/prisma/build/index.js`, "generate"], {
    cwd: root,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
    encoding: "utf8",
  });
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
    process.exit(1);
  }
  writeFileSync(digestFile, schemaDigest());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generate();
