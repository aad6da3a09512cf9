import type { Clock } from "../clock/clock.ts";
import { withTimeout } from "../time/with-timeout.ts";

/** `/health`: the process lives. */
export interface Liveness {
  status: "healthy";
  timestamp: string;
  service: string;
  version: string;
}

export interface CheckResult {
  status: "up" | "down";
  latencyMs: number;
  error?: string;
}

export type ReadyStatus = "healthy" | "degraded" | "unhealthy";

/** `/ready` on the internal port; the public one leaves `checks` out. */
export interface Readiness {
  status: ReadyStatus;
  timestamp: string;
  service: string;
  version: string;
  checks: Record<string, CheckResult>;
}

/** A degraded process still serves. */
export const httpStatusOfReady: Record<ReadyStatus, number> = { healthy: 200, degraded: 200, unhealthy: 503 };

export interface Check {
  /** Rejects when the thing does not answer. */
  probe(): Promise<unknown>;
  /** Without it the process cannot serve: unhealthy instead of degraded. */
  isVital: boolean;
}

export interface HealthOptions {
  service: string;
  version: string;
  clock: Clock;
  checks: Readonly<Record<string, Check>>;
  /** For one check. Default 2,000. */
  timeoutMs?: number;
}

export interface Health {
  live(): Liveness;
  /** Runs all checks at once; callers of the same moment share one run. Never rejects. */
  ready(): Promise<Readiness>;
  /** From now on unhealthy, so that balancers stop sending: the first step of a stop. */
  drain(): void;
}

export function createHealth(options: HealthOptions): Health {
  const { service, version, clock, checks, timeoutMs = 2_000 } = options;
  let isDraining = false;
  let running: Promise<Record<string, CheckResult>> | undefined;
  const facts = () => ({ timestamp: clock.now().toISOString(), service, version });

  const run = async (): Promise<Record<string, CheckResult>> => {
    const entries = Object.entries(checks).map(
      async ([name, check]) => [name, await measure(check, { clock, timeoutMs })] as const,
    );
    return Object.fromEntries(await Promise.all(entries));
  };

  return {
    live: () => ({ status: "healthy", ...facts() }),
    async ready() {
      running ??= run().finally(() => {
        running = undefined;
      });
      const results = await running;
      return { status: isDraining ? "unhealthy" : statusOf(checks, results), ...facts(), checks: results };
    },
    drain() {
      isDraining = true;
    },
  };
}

/** What the public port may tell. */
export function withoutChecks({ checks: _, ...readiness }: Readiness): Omit<Readiness, "checks"> {
  return readiness;
}

interface Measuring {
  clock: Clock;
  timeoutMs: number;
}

async function measure(check: Check, { clock, timeoutMs }: Measuring): Promise<CheckResult> {
  const startedMs = clock.monotonicMs();
  const latencyMs = () => Math.round((clock.monotonicMs() - startedMs) * 100) / 100;
  try {
    await withTimeout(check.probe(), timeoutMs, `no answer within ${timeoutMs} ms`);
    return { status: "up", latencyMs: latencyMs() };
  } catch (error) {
    return { status: "down", latencyMs: latencyMs(), error: error instanceof Error ? error.message : String(error) };
  }
}

function statusOf(checks: HealthOptions["checks"], results: Record<string, CheckResult>): ReadyStatus {
  const down = Object.entries(checks).filter(([name]) => results[name]?.status === "down");
  if (down.some(([, check]) => check.isVital)) return "unhealthy";
  return down.length > 0 ? "degraded" : "healthy";
}
