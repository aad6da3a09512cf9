import type { Fetch } from "../http/failover-fetch.ts";

type Fault = "lost request" | "lost answer";

/** Real requests that a test can watch, and whose request or answer it can lose. */
export function createFetches() {
  const requests: { path: string; method: string; body: string }[] = [];
  const faults: { procedure: string; fault: Fault; times: number }[] = [];

  function faultOf(path: string): Fault | null {
    const found = faults.find(({ procedure, times }) => times > 0 && path.includes(procedure));
    if (!found) return null;
    found.times -= 1;
    return found.fault;
  }

  const fetch: Fetch = async (url, init) => {
    const { pathname, search } = new URL(url);
    requests.push({ path: `${pathname}${search}`, method: init?.method ?? "GET", body: init?.body ?? "" });
    const fault = faultOf(pathname);
    if (fault === "lost request") throw new TypeError("fetch failed: planted before the request");
    const response = await globalThis.fetch(url, init);
    if (fault === null) return response;
    await response.text();
    throw new TypeError("fetch failed: planted after the answer");
  };

  return {
    fetch,
    requests,
    lose(procedure: string, fault: Fault, times = 1) {
      faults.push({ procedure, fault, times });
    },
    of: (procedure: string) => requests.filter(({ path }) => path.includes(procedure)),
  };
}
