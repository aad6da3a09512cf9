import { tooManyRequests } from "@echo/platform";

/** Who wants a hash: networks share places, and known devices go first. */
export interface QueuedRequest {
  /** IPv4 address or IPv6 /64. */
  network: string;
  hasDeviceToken: boolean;
}

export interface HashingQueue {
  /** Runs `work` when its turn comes. @throws EchoError TOO_MANY_REQUESTS `hashing` when there is no place to wait */
  run<T>(request: QueuedRequest, work: () => Promise<T>): Promise<T>;
}

interface QueueOptions {
  /** At the same time; more would fill Node's thread pool and everything that verifies a token would wait. */
  concurrency: number;
  /** For those who wait. */
  places: number;
  perNetwork: number;
  monotonicMs(): number;
}

interface Waiting extends QueuedRequest {
  start(): void;
}

/** Of the places, those that only requests with a device token may take: a flood by strangers cannot shut the door to known devices. */
const reservedShare = 1 / 4;
const firstEstimateMs = 150;
const minRetryMs = 250;

export function createHashingQueue(options: QueueOptions): HashingQueue {
  const strangersPlaces = options.places - Math.floor(options.places * reservedShare);
  const known: Waiting[] = [];
  const strangers: Waiting[] = [];
  let running = 0;
  let averageMs = firstEstimateMs;

  const waitingOf = (network: string) =>
    [...known, ...strangers].filter((waiting) => waiting.network === network).length;
  const hasPlace = (request: QueuedRequest) =>
    known.length + strangers.length < options.places &&
    (request.hasDeviceToken || strangers.length < strangersPlaces) &&
    waitingOf(request.network) < options.perNetwork;
  const retryAfterMs = () =>
    Math.max(minRetryMs, Math.ceil(((known.length + strangers.length + 1) * averageMs) / options.concurrency));

  function turn(request: QueuedRequest): Promise<void> {
    if (running < options.concurrency) {
      running += 1;
      return Promise.resolve();
    }
    if (!hasPlace(request)) return Promise.reject(tooManyRequests("hashing", retryAfterMs()));
    return new Promise((start) => (request.hasDeviceToken ? known : strangers).push({ ...request, start }));
  }

  /** Hands the turn on, so that a newcomer cannot slip in between. */
  function leave(): void {
    const next = known.shift() ?? strangers.shift();
    if (next) next.start();
    else running -= 1;
  }

  return {
    async run(request, work) {
      await turn(request);
      const startedMs = options.monotonicMs();
      try {
        return await work();
      } finally {
        averageMs = averageMs * 0.9 + (options.monotonicMs() - startedMs) * 0.1;
        leave();
      }
    },
  };
}
