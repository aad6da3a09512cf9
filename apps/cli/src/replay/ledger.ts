import { performance } from "node:perf_hooks";

export interface ReplayFigures {
  deliveries: number;
  orderErrors: number;
  lost: number;
  doubled: number;
  /** Delivered to somebody whom it was not for: before his join or after his leave. */
  unexpected: number;
  /** Of history: a line of the file that is missing, different, or answers another line. */
  historyErrors: number;
  /** Times that a client was told to list anew: what it missed then counts as lost. */
  resets: number;
  latencyMs: { p50: number; p95: number; p99: number; longest: number };
  /** Deliveries that took more than a second. */
  late: number;
}

const lateMs = 1_000;

/** The nearest-rank percentile of ascending values; 0 when there are none. */
export function percentile(sorted: Float64Array, rank: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * rank) - 1)] ?? 0;
}

/**
 * Kept outside Echo: what was acknowledged to the sender, for whom it was, and what each client received. What the two
 * say differently is what Echo did wrong.
 */
export class Ledger {
  readonly #expected: Set<string>[];
  readonly #received: string[][];
  /** The same without repeats: what has arrived at all. */
  readonly #arrived: Set<string>[];
  readonly #latencies: number[] = [];
  readonly #sentAt = new Map<string, number>();
  readonly #order = new Map<string, number>();
  #missing = 0;

  constructor(people: number) {
    this.#expected = Array.from({ length: people }, () => new Set());
    this.#received = Array.from({ length: people }, () => []);
    this.#arrived = Array.from({ length: people }, () => new Set());
  }

  /** Before the call: its clientMessageId and when it left. */
  sending(clientMessageId: string): void {
    this.#sentAt.set(clientMessageId, performance.now());
  }

  /** After the call: the order of acknowledgements is the order that everybody must see. */
  acknowledged(clientMessageId: string, members: Iterable<number>): void {
    this.#order.set(clientMessageId, this.#order.size);
    for (const person of members) {
      this.#expected[person]?.add(clientMessageId);
      if (!this.#arrived[person]?.has(clientMessageId)) this.#missing += 1;
    }
  }

  received(person: number, clientMessageId: string): void {
    const arrived = this.#arrived[person];
    if (this.#expected[person]?.has(clientMessageId) && !arrived?.has(clientMessageId)) this.#missing -= 1;
    arrived?.add(clientMessageId);
    this.#received[person]?.push(clientMessageId);
    const sentAt = this.#sentAt.get(clientMessageId);
    if (sentAt !== undefined) this.#latencies.push(performance.now() - sentAt);
  }

  /** Deliveries that are expected and have not arrived. */
  get missing(): number {
    return this.#missing;
  }

  compare(): Omit<ReplayFigures, "historyErrors" | "resets"> {
    let orderErrors = 0;
    let lost = 0;
    let doubled = 0;
    let unexpected = 0;
    this.#received.forEach((list, person) => {
      const expected = this.#expected[person] ?? new Set<string>();
      const once = this.#arrived[person] ?? new Set<string>();
      doubled += list.length - once.size;
      lost += [...expected].filter((id) => !once.has(id)).length;
      unexpected += [...once].filter((id) => !expected.has(id)).length;
      const places = list.map((id) => this.#order.get(id) ?? -1);
      orderErrors += places.filter((place, i) => i > 0 && place < (places[i - 1] ?? -1)).length;
    });
    const sorted = Float64Array.from(this.#latencies).sort();
    return {
      deliveries: this.#received.reduce((sum, list) => sum + list.length, 0),
      orderErrors,
      lost,
      doubled,
      unexpected,
      latencyMs: {
        p50: percentile(sorted, 0.5),
        p95: percentile(sorted, 0.95),
        p99: percentile(sorted, 0.99),
        longest: sorted.at(-1) ?? 0,
      },
      late: sorted.filter((ms) => ms > lateMs).length,
    };
  }
}
