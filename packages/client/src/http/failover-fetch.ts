import type { HTTPBatchLinkOptions } from "@trpc/client";
import type { UrlList } from "../url-list.ts";

export type Fetch = NonNullable<HTTPBatchLinkOptions<{ transformer: false; errorShape: never }>["fetch"]>;

/** The server answers or gives up within 30 s. */
const timeoutMs = 35_000;
/** A proxy's word that the node behind it is gone, and the node's own that it cannot serve now. */
const badGateways = new Set([502, 503, 504]);

/** Fetches a path below whichever address works, and ends what nobody answers. */
export function failoverFetch(
  urls: UrlList,
  fetch: Fetch = (input, init) => globalThis.fetch(input, init as RequestInit),
): Fetch {
  return async (path, init) => {
    const url = urls.current;
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMs);
    const outer = init?.signal;
    if (outer?.aborted) abort();
    outer?.addEventListener("abort", abort);
    try {
      const response = await fetch(`${url}${String(path)}`, { ...init, signal: controller.signal });
      if (badGateways.has((response as Response).status)) urls.failed(url);
      return response;
    } catch (error) {
      if (!outer?.aborted) urls.failed(url);
      throw error;
    } finally {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    }
  };
}
