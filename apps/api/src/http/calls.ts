import { badRequest } from "@echo/platform";

/** At most this many procedures in one request. */
export const maxBatchCalls = 10;

/** What a request asks tRPC for, read from its address before anything of it runs. */
export interface Calls {
  /** As tRPC will see it, decoded once. */
  path: string;
  isBatch: boolean;
  names: readonly string[];
}

/** @param path what stands behind `/trpc/`, decoded once */
export function callsOf(path: string, search: Pick<URLSearchParams, "get">): Calls {
  const isBatch = search.get("batch") === "1";
  return { path, isBatch, names: isBatch ? path.split(",") : [path] };
}

type ProcedureTypes = ReadonlyMap<string, "query" | "mutation" | "subscription">;

const isOfConsole = (name: string): boolean => name.startsWith("admin.");
const isAuthMutation = (name: string, types: ProcedureTypes): boolean =>
  (name.startsWith("auth.") || isOfConsole(name)) && types.get(name) === "mutation";

/** True when the body may hold credentials: such bodies are small. */
export const isAuthCall = (calls: Calls): boolean =>
  calls.names.some((name) => name.startsWith("auth.") || isOfConsole(name));

/** True when staff ask: other rules of origin, identity and address hold for all of the request. */
export const isConsoleCall = (calls: Calls): boolean => calls.names.some(isOfConsole);

/**
 * Refuses batches as a whole. Attempts at credentials can't hide in a batch: limits and queues count requests of their
 * kind one by one (docs/security.md "HTTP").
 * @throws EchoError BAD_REQUEST
 */
export function requireAcceptableBatch(calls: Calls, types: ProcedureTypes): void {
  if (calls.names.length > maxBatchCalls) {
    throw badRequest(`A batch holds at most ${maxBatchCalls} calls; this one has ${calls.names.length}`);
  }
  if (calls.names.length < 2) return;
  if (calls.names.some((name) => isAuthMutation(name, types))) {
    throw badRequest("Calls that change a sign-in go alone: this batch holds one, so none of its calls ran");
  }
  if (isConsoleCall(calls) && !calls.names.every(isOfConsole)) {
    throw badRequest("Calls of the console go by themselves: this batch holds others too, so none of its calls ran");
  }
  const kinds = new Set(calls.names.map((name) => types.get(name)).filter((type) => type !== undefined));
  if (kinds.size > 1) throw badRequest("A batch holds queries or mutations, not both");
}
