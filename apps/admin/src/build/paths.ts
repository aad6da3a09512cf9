import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The workspace, and the project around it. */
export const consoleRoot = fileURLToPath(new URL("../..", import.meta.url));
export const projectRoot = join(consoleRoot, "../..");

/** By it next.config.ts learns which build is meant; relative to the workspace. */
export const distDirVariable = "NEXT_DIST_DIR";

/** Where builds lie: one folder each, named by its fingerprint, and current.json, which names the one to serve. */
export const buildsFolder = ".next";
