import { setTimeout as pause } from "node:timers/promises";

const pollMs = 100;

/** Resolves when something speaks HTTP there, whatever it says, or when it is given up. */
export async function whenAnswering(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await answers(url, signal))) await pause(pollMs);
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  return await fetch(`${url}/health`, { signal, redirect: "manual" }).then(
    async (response) => {
      await response.body?.cancel();
      return true;
    },
    () => false,
  );
}
