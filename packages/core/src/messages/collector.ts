import { unavailable } from "@echo/platform";

/** Gathers calls of one kind and writes them together. */
export interface Collector<Item, Answer> {
  /**
   * Resolves with this item's answer once the batch that it is in was written; rejects when that write failed.
   * @throws EchoError UNAVAILABLE when too many wait
   */
  add(item: Item): Promise<Answer>;
  /** Resolves when nothing waits and nothing is being written. */
  drain(): Promise<void>;
}

export interface CollectorOptions {
  /** Batches begin at least so far apart; after a rest the first goes at once. */
  everyMs: number;
  /** A batch of this many does not wait. */
  maxItems: number;
  /** One more than so many waiting is refused. */
  maxWaiting: number;
}

interface Waiting<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
}

/** @param write answers in the order of its items; one runs at a time */
export function createCollector<Item, Answer>(
  write: (items: Item[]) => Promise<Answer[]>,
  { everyMs, maxItems, maxWaiting }: CollectorOptions,
): Collector<Item, Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let lastMs = Number.NEGATIVE_INFINITY;

  function flush(): Promise<void> {
    if (timer) clearTimeout(timer);
    timer = null;
    lastMs = performance.now();
    writing = settle(waiting.splice(0, maxItems), write).finally(() => {
      writing = null;
      schedule();
    });
    return writing;
  }

  function schedule(): void {
    if (writing || waiting.length === 0) return;
    if (waiting.length >= maxItems) void flush();
    else timer ??= setTimeout(flush, Math.max(0, lastMs + everyMs - performance.now()));
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= maxWaiting) return reject(unavailable("Too much waits to be written; try again"));
        waiting.push({ item, resolve, reject });
        schedule();
      }),
    async drain() {
      while (writing || waiting.length > 0) await (writing ?? flush());
    },
  };
}

async function settle<Item, Answer>(
  batch: Waiting<Item, Answer>[],
  write: (items: Item[]) => Promise<Answer[]>,
): Promise<void> {
  try {
    const answers = await write(batch.map(({ item }) => item));
    for (const [i, { resolve, reject }] of batch.entries()) {
      const answer = answers[i];
      if (answer === undefined) reject(new Error("a batch was answered in part"));
      else resolve(answer);
    }
  } catch (cause) {
    for (const { reject } of batch) reject(cause);
  }
}
