import { AsyncLocalStorage } from "node:async_hooks";

/** What every log line of a request tells; it follows the request through every await. */
export interface RequestContext {
  readonly requestId: string;
  readonly correlationId: string;
  /** Set by `identifyRequest` once the token is verified. */
  userId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work`, and whatever it starts, within the context. */
export function withRequestContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** Of the running request; undefined outside of one. */
export function requestContext(): RequestContext | undefined {
  return storage.getStore();
}

/** Says who calls; outside of a request it does nothing. */
export function identifyRequest(userId: string): void {
  const context = storage.getStore();
  if (context) context.userId = userId;
}
