import type { HTTPBatchLinkOptions } from "@trpc/client";
import type { UrlList } from "../url-list.ts";

/** What a request is made of here. */
export interface FetchInit {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
}

/** The part of `fetch` that is used here: the platform's has it, and any other one. */
export type Fetch = (
  url: string,
  init?: FetchInit,
) => Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown> }>;

/** As tRPC wants it: a Fetch of paths. */
type TrpcFetch = NonNullable<HTTPBatchLinkOptions<{ transformer: false; errorShape: never }>["fetch"]>;

/** The server answers or gives up within 30 s. */
const timeoutMs = 35_000;
/** A proxy's word that the node behind it is gone, and the node's own that it cannot serve now. */
const badGateways = new Set([502, 503, 504]);

/** Fetches a path below whichever address works, and ends what nobody answers. */
export function failoverFetch(urls: UrlList, fetch: Fetch = (url, init) => globalThis.fetch(url, init)): TrpcFetch {
  return async (path, init) => {
    const url = urls.current;
    const controller = new AbortController();
    const abort = () => controller.abort();
    const timer = setTimeout(abort, timeoutMs);
    const outer = init?.signal;
    if (outer?.aborted) abort();
    outer?.addEventListener("abort", abort);
    try {
      // A body is JSON here, which tRPC's type leaves open.
      const response = await fetch(`${url}${String(path)}`, { ...(init as FetchInit), signal: controller.signal });
      if (badGateways.has(response.status)) urls.failed(url);
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
