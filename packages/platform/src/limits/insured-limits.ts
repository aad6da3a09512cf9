import { EchoError } from "../errors.ts";
import type { Limits } from "./limits.ts";

/**
 * Limits that go on in this process while the shared store is away: never off, though N processes then let N times as much
 * pass (docs/adr/0021).
 */
export function insureLimits(shared: Limits, insurance: Limits): Limits {
  const insured = async <T>(call: (limits: Limits) => Promise<T>): Promise<T> => {
    try {
      return await call(shared);
    } catch (error) {
      if (error instanceof EchoError && error.code === "UNAVAILABLE") return call(insurance);
      throw error;
    }
  };
  return {
    driver: shared.driver,
    take: (policy, key, cost) => insured((limits) => limits.take(policy, key, cost)),
    refund: (policy, key, cost) => insured((limits) => limits.refund(policy, key, cost)),
    /** In both: what was counted during an outage must not outlive a reset. */
    async reset(policy, key) {
      await insurance.reset(policy, key);
      await insured((limits) => limits.reset(policy, key));
    },
    ping: () => shared.ping(),
    async close() {
      await shared.close();
      await insurance.close();
    },
  };
}
