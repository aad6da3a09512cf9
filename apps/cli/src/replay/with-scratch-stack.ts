import { CliError } from "../cli-error.ts";
import { whenAsked } from "../stack/when-asked.ts";
import type { Terminal } from "../terminal.ts";
import { openScratchStack, type ScratchOptions, type ScratchStack } from "./scratch-stack.ts";
import { withScratchHome } from "./with-scratch-home.ts";

/**
 * Runs `work` on a stack of its own, of which nothing is left afterwards, nor after Ctrl-C.
 * @throws CliError at Ctrl-C or SIGTERM; `work` is then not waited for, but for what it lets the stack `finish`
 */
export function withScratchStack<T>(
  terminal: Terminal,
  options: Omit<ScratchOptions, "home">,
  work: (scratch: ScratchStack) => Promise<T>,
): Promise<T> {
  const asked = whenAsked();
  return withScratchHome(async (home) => {
    const scratch = await openScratchStack(terminal, { ...options, home });
    const interrupted = asked.then(() => {
      throw new CliError("Stopped before its end.");
    });
    try {
      return await Promise.race([work(scratch), interrupted]);
    } finally {
      await scratch.stop();
    }
  });
}
