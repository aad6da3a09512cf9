import { timedOut } from "../errors.ts";

/**
 * Waits at most so long; the work itself goes on, and what it says later is not heard.
 * @throws EchoError TIMEOUT with the given sentence
 */
export async function withTimeout<T>(work: Promise<T>, timeoutMs: number, sentence: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(timedOut(sentence)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
