// `npm start`: prepares the tree, then hands over to echoctl in this same process.
import { prepareTree } from "./prepare.mjs";

prepareTree();
// npm takes the "--" before its arguments; whoever calls this by hand may write it too.
const words = process.argv.slice(2).filter((word, index) => index > 0 || word !== "--");
process.argv.splice(2, Number.POSITIVE_INFINITY, "start", ...words);
await import("../apps/cli/bin/echoctl.mjs");
