import type { DestinationStream } from "pino";
import SonicBoom from "sonic-boom";

const maxWaitingBytes = 16 * 1024 * 1024;
const endWithinMs = 1_000;

let output: DestinationStream | undefined;

/**
 * The process' standard output, for log lines. It is written in the background, so a reader that stands still stops
 * nothing: up to 16 MiB wait for it, lines above that are dropped. Once the reader has gone (EPIPE), all are. What waits
 * at the process' end is written then, within a second; a kill -9 loses it.
 */
export function standardOutput(): DestinationStream {
  output ??= openStandardOutput();
  return output;
}

/** Not pino's own: it holds lines without a bound, and tries a broken pipe again for ever while the process ends. */
function openStandardOutput(): DestinationStream {
  let hasReader = true;
  let giveUpAt = Number.POSITIVE_INFINITY;
  const stream = new SonicBoom({
    fd: 1,
    maxLength: maxWaitingBytes,
    retryEAGAIN: () => Date.now() < giveUpAt,
  });
  // Any other fault, say a full disk, may pass: what waits is tried again with the next line.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") hasReader = false;
  });
  process.once("exit", () => {
    giveUpAt = Date.now() + endWithinMs;
    try {
      if (hasReader) stream.flushSync();
    } catch {
      // Nobody reads it.
    }
  });
  return {
    write(line) {
      if (hasReader) stream.write(line);
    },
  };
}
