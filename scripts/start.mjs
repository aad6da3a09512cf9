// `npm start`: prepares the tree, then hands over to echoctl in this same process.
import { prepareTree } from "./prepare.mjs";

prepareTree();
process.argv.splice(2, 0, "start");
await import("../apps/cli/bin/echoctl.mjs");
