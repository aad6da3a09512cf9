import type { Limiter } from "@echo/contracts";
import { type LimitPolicy, tooManyRequests } from "@echo/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import { maxBatchCalls } from "../http/calls.ts";
import type { Deps } from "./step.ts";

/** Every call of a batch counts; of one that is refused for its length, as many as could have run. */
const costOf = (request: FastifyRequest): number => Math.min(request.door.calls?.names.length ?? 1, maxBatchCalls);

type NamedPolicy = LimitPolicy & { name: Limiter };

/**
 * Counts the request and tells the caller where he stands.
 * @throws EchoError TOO_MANY_REQUESTS
 */
export async function countRequest(
  { core }: Deps,
  policy: NamedPolicy,
  { request, reply, key }: { request: FastifyRequest; reply: FastifyReply; key: string },
): Promise<void> {
  const result = await core.limits.take(policy, key, costOf(request));
  reply.header("ratelimit-limit", result.limit);
  reply.header("ratelimit-remaining", result.remaining);
  reply.header("ratelimit-reset", Math.ceil(result.resetMs / 1_000));
  if (!result.allowed) throw tooManyRequests(policy.name, result.retryAfterMs);
}
