import { EchoError, withTimeout } from "@echo/platform";
import { closeCodes } from "./close-codes.ts";
import type { EventFrame } from "./frames.ts";
import type { Subscription } from "./subscription.ts";

const pageEvents = 64;
const pageBytes = 256 * 1_024;

/**
 * Writes events that are not news in pages, each after the kernel has accepted the one before: a socket that catches up
 * is read as slowly as it likes, and fills no memory. One that does not move within `pageMs` is closed.
 */
export async function writePaced(
  subscription: Subscription,
  frames: readonly EventFrame[],
  pageMs: number,
): Promise<void> {
  const { outlet, id } = subscription;
  for (const page of pagesOf(frames.map((frame) => frame.once(id)))) {
    if (subscription.isOver) return;
    try {
      await withTimeout(outlet.writer.writePage(page), pageMs, "the socket did not take a page in time");
    } catch (error) {
      if (!(error instanceof EchoError)) throw error;
      outlet.close(closeCodes.tryAgain, "too slow; connect again with the cursor");
    }
  }
}

function* pagesOf(frames: readonly Buffer[]): Generator<Buffer[]> {
  let page: Buffer[] = [];
  let bytes = 0;
  for (const frame of frames) {
    if (page.length > 0 && (page.length === pageEvents || bytes + frame.length > pageBytes)) {
      yield page;
      page = [];
      bytes = 0;
    }
    page.push(frame);
    bytes += frame.length;
  }
  if (page.length > 0) yield page;
}
