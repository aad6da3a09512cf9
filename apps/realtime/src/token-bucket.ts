import type { BucketPolicy } from "@echo/platform";

/** One socket's calls. It lives and dies with the socket, so it is counted here and not in a store. */
export class TokenBucket {
  readonly #policy: BucketPolicy;
  #tokens: number;
  #atMs: number;

  constructor(policy: BucketPolicy, nowMs: number) {
    this.#policy = policy;
    this.#tokens = policy.burst;
    this.#atMs = nowMs;
  }

  /** 0 when there was a token, else the milliseconds until there is one. */
  take(nowMs: number): number {
    const { burst, perSecond } = this.#policy;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#atMs) / 1_000) * perSecond);
    this.#atMs = nowMs;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / perSecond) * 1_000);
    this.#tokens -= 1;
    return 0;
  }
}
