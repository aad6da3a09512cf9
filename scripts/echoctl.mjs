// Behind the npm scripts: prepares the tree, then hands over to echoctl in this same process.
import { prepareTree } from "./prepare.mjs";

prepareTree();
await import("../apps/cli/bin/echoctl.mjs");
