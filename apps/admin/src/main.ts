import { runConsole } from "./server/run-console.ts";

await runConsole({ env: process.env, isDev: false });
