import type { AppRouter } from "@echo/api";
import { createTRPCClient, httpBatchLink, httpLink, type Operation, splitLink, type TRPCLink } from "@trpc/client";
import type { UrlList } from "../url-list.ts";
import type { CallsOf } from "./calls-of.ts";
import { type Fetch, failoverFetch } from "./failover-fetch.ts";
import { failoverLink } from "./failover-link.ts";

/** Every procedure of the API but for the console's, which answers to its own pages alone. */
export type Api = Omit<CallsOf<AppRouter["_def"]["record"]>, "admin">;

/** The server's bound; a larger batch is refused whole. */
const maxBatch = 10;
/** Well below what proxies take in a request line. */
const maxUrlLength = 4_000;

interface ApiOptions {
  urls: UrlList;
  fetch: Fetch | undefined;
  /** What stands before the way to the server, first to last. */
  links: TRPCLink<AppRouter>[];
}

/** Typed calls of every procedure of the API. */
export function createApi({ urls, fetch, links }: ApiOptions): Api {
  const http = { url: "", fetch: failoverFetch(urls, fetch) };
  const alone = httpLink<AppRouter>({ ...http, headers: ({ op }) => headersOf(op) });
  const batched = httpBatchLink<AppRouter>({
    ...http,
    maxItems: maxBatch,
    maxURLLength: maxUrlLength,
    headers: ({ opList }) => headersOf(opList[opList.length - 1]),
  });
  return createTRPCClient<AppRouter>({
    links: [...links, failoverLink(urls), splitLink({ condition: isCredential, true: alone, false: batched })],
  });
}

/** The server refuses a batch that carries credentials: it would be a batch of guesses. */
function isCredential({ path, type }: Operation): boolean {
  return type === "mutation" && path.startsWith("auth.");
}

function headersOf(op: Operation | undefined): Record<string, string> {
  const { accessToken }: { accessToken?: unknown } = op?.context ?? {};
  return typeof accessToken === "string" ? { authorization: `Bearer ${accessToken}` } : {};
}
