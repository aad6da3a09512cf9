/** Several addresses of one service, tried in turn. */
export interface UrlList {
  readonly size: number;
  readonly current: string;
  /** Goes on to the next one; many who saw the same one fail go on together. */
  failed(url: string): void;
}

/** @param urls of the service's root; `/trpc` is added where it is missing */
export function createUrlList(urls: string | readonly string[]): UrlList {
  const [first, ...others] = (typeof urls === "string" ? [urls] : urls).map(trpcUrl);
  if (first === undefined) throw new TypeError("Give at least one URL");
  const list = [first, ...others];
  let index = 0;
  return {
    size: list.length,
    get current() {
      return list[index] ?? first;
    },
    failed(url) {
      if (url === list[index]) index = (index + 1) % list.length;
    },
  };
}

function trpcUrl(url: string): string {
  new URL(url); // throws a TypeError that names it
  const root = url.replace(/\/+$/, "");
  return root.endsWith("/trpc") ? root : `${root}/trpc`;
}
