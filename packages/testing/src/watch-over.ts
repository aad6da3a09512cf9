import { spawn } from "node:child_process";

/**
 * A run that is killed cannot clean up: a shell that waits for its end does, by `script` with its words as $1, $2 and so on.
 * Answers what calls it off.
 */
export function watchOver(script: string, ...words: string[]): () => void {
  const args = ["-c", `cat > /dev/null; ${script}`, "sh", ...words];
  const shell = spawn("/bin/sh", args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.unref();
  return () => shell.kill("SIGKILL");
}
