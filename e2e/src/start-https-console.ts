import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stack } from "./stack.ts";

const main = fileURLToPath(new URL("../../apps/admin/src/main.ts", import.meta.url));

export interface HttpsConsole extends AsyncDisposable {
  /** As the proxy in front of it asks: by plain http. */
  url: string;
}

/** A console that browsers reach by https, where staff sign in with a password: one more process on the same build. */
export async function startHttpsConsole(): Promise<HttpsConsole> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), main], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      ADMIN_PORT: "0",
      ECHO_API_URL: stack().apiUrl,
      ECHO_CONSOLE_URL: "https://console.example.org",
      ECHO_SECRET: "A".repeat(43),
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const [message] = await Promise.race([once(child, "message"), exited]);
  if (typeof message?.port !== "number") throw new Error("The console did not start");
  return {
    url: `http://127.0.0.1:${message.port}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
